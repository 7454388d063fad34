// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "ip/common/command_error.h"

namespace gradus::ip {

/// What is wrong with a descriptor's header before its waits: unknown flags, reserved bytes that are not zero.
std::optional<CommandError> check_header(const command_header& header);

/// What is wrong with wait number `index` of a descriptor on a board of `queues` fences: a queue that is not there.
std::optional<CommandError> check_wait(const command_header& header, unsigned index, unsigned queues);

} // namespace gradus::ip
