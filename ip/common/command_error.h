// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "ip/common/command.h"

namespace gradus::ip {

/// What is wrong with a command: QUEUE_ERROR_* and the byte offset of the field in the descriptor.
struct CommandError {
    std::uint32_t code = QUEUE_ERROR_NONE;
    std::uint32_t field = 0;
};

} // namespace gradus::ip
