// SPDX-License-Identifier: Apache-2.0
#include "tests/support/image_accesses.h"

#include "platform/schedule/ops/definition.h"

namespace gradus::test {

std::vector<Access> accesses(const OpRecord& op) {
    std::vector<Access> result;
    for (unsigned i = 0; i < op.operand_count; ++i) {
        const image_operand& operand = op.operand[i];
        if (operand.address == 0) continue;
        const schedule::OperandDefinition& defined = schedule::definition_of(op.kind).operands[i];
        const schedule::Extent extent = defined.extent(op);
        const std::uint64_t bytes = (extent.rows - 1) * operand.pitch + extent.cols * 4 +
                                    std::uint64_t{op.outer_count - 1} * operand.outer_stride +
                                    std::uint64_t{op.inner_count - 1} * operand.inner_stride;
        const bool writes = defined.role != schedule::Role::reads;
        const bool reads = defined.role != schedule::Role::writes || (operand.flags & OPERAND_ACCUMULATE) != 0;
        result.push_back({i, reads, writes, operand.step_stride != 0, {operand.address, bytes}});
    }
    return result;
}

} // namespace gradus::test
