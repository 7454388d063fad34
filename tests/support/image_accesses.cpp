// SPDX-License-Identifier: Apache-2.0
#include "tests/support/image_accesses.h"

namespace gradus::test {
namespace {

struct Shape {
    std::uint64_t rows = 0;
    std::uint64_t cols = 0;
};

/// [rows, cols] of an operand, of one product for a matmul.
Shape operand_shape(const OpRecord& op, unsigned operand) {
    const std::uint64_t rows = op.dims[0];
    const std::uint64_t cols = op.dims[1];
    const Shape full{rows, cols};
    const Shape by_row{rows, 1};
    const Shape by_column{1, cols};
    switch (op.kind) {
    case OP_EMBED: {
        const Shape shapes[] = {full, {op.dims[2], cols}, {op.dims[3], cols}, by_row};
        return shapes[operand];
    }
    case OP_EMBED_BACKWARD: {
        const Shape shapes[] = {{op.dims[2], cols}, {op.dims[3], cols}, full, by_row};
        return shapes[operand];
    }
    case OP_RMSNORM: {
        const Shape shapes[] = {full, full, by_row, by_column};
        return shapes[operand];
    }
    case OP_RMSNORM_BACKWARD: {
        const Shape shapes[] = {full, full, full, by_row, by_column, by_column};
        return shapes[operand];
    }
    case OP_MATMUL: {
        const std::uint64_t k = op.dims[2];
        const Shape a = op.flags & OP_FLAG_TRANSPOSE_A ? Shape{k, rows} : Shape{rows, k};
        const Shape b = op.flags & OP_FLAG_TRANSPOSE_B ? Shape{cols, k} : Shape{k, cols};
        const Shape shapes[] = {full, a, b, by_column};
        return shapes[operand];
    }
    case OP_CROSS_ENTROPY: {
        const Shape shapes[] = {full, {1, 1}, full, by_row, by_row};
        return shapes[operand];
    }
    case OP_CROSS_ENTROPY_BACKWARD: {
        const Shape shapes[] = {full, full, by_row, by_row};
        return shapes[operand];
    }
    case OP_COLUMN_SUM:
        return operand == 0 ? by_column : full;
    default:
        return full;
    }
}

bool is_written(const OpRecord& op, unsigned operand) {
    switch (op.kind) {
    case OP_EMBED_BACKWARD:
    case OP_CROSS_ENTROPY:
        return operand <= 1;
    case OP_RMSNORM:
        return operand == 0 || operand == 2;
    case OP_RMSNORM_BACKWARD:
        return operand == 0 || operand == 5;
    case OP_ADAM:
        return operand != 1;
    default:
        return operand == 0;
    }
}

} // namespace

std::vector<Access> accesses(const OpRecord& op) {
    std::vector<Access> result;
    for (unsigned i = 0; i < op.operand_count; ++i) {
        const image_operand& operand = op.operand[i];
        if (operand.address == 0) continue;
        const Shape shape = operand_shape(op, i);
        std::uint64_t bytes = (shape.rows - 1) * operand.pitch + shape.cols * 4;
        if (op.kind == OP_MATMUL && i < 3)
            bytes += std::uint64_t{op.outer_count - 1} * op.operand[i].outer_stride +
                     std::uint64_t{op.inner_count - 1} * op.operand[i].inner_stride;
        const bool writes = is_written(op, i);
        const bool reads = !writes || op.kind == OP_ADAM || (operand.flags & OPERAND_ACCUMULATE);
        result.push_back({i, reads, writes, operand.step_stride != 0, {operand.address, bytes}});
    }
    return result;
}

} // namespace gradus::test
