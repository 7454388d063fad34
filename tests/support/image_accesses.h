// SPDX-License-Identifier: Apache-2.0
// What the operators of a schedule image (firmware/include/schedule_image.h) read and write, by their definitions:
// operator_definition_test holds those against what references touch.
#pragma once

#include <vector>

#include "ip/common/address_range.h"
#include "tests/support/op_record.h"

namespace gradus::test {

/// What an operator does with one of its operands.
struct Access {
    unsigned operand = 0;
    bool reads = false;
    bool writes = false;
    bool in_step_table = false; ///< moves with the step
    ip::AddressRange range;     ///< from the first to the last byte touched (in step 0)
};

/// All accesses of an operator, from its dimensions, pitches and strides.
std::vector<Access> accesses(const OpRecord& op);

} // namespace gradus::test
