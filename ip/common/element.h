// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "ip/common/command.h"
#include "ip/common/units.h"

namespace gradus::ip {

/// Of one element in a format of command.h.
constexpr Bytes element_bytes(std::uint8_t format) { return format == FORMAT_BF16 ? 2 : 4; }

} // namespace gradus::ip
