// SPDX-License-Identifier: Apache-2.0
// An operator of a schedule image with its operands behind it, as the image has them.
#pragma once

#include <array>
#include <cstring>

#include "firmware/include/schedule_image.h"

namespace gradus::test {

/// No operator has more operands than this.
inline constexpr unsigned most_operands = 9;

struct OpRecord : image_op {
    std::array<image_operand, most_operands> operand{};
};
static_assert(sizeof(OpRecord) == sizeof(image_op) + most_operands * sizeof(image_operand));

/// From a record of `bytes` bytes.
inline OpRecord op_record(const void* record, std::size_t bytes) {
    OpRecord op{};
    std::memcpy(static_cast<void*>(&op), record, std::min(bytes, sizeof op));
    return op;
}

} // namespace gradus::test
