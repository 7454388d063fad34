// SPDX-License-Identifier: Apache-2.0
// What takes long where it is not optimised.
#include "tests/unit/firmware_program.h"

#include "ip/numerics/bf16.h"
#include "platform/schedule/ops/definition.h"

namespace gradus::test {

float Program::real() {
    const auto value = static_cast<float>(std::normal_distribution<double>()(random));
    return holds_bf16 ? ip::from_bf16(ip::to_bf16(value)) : value;
}

Numbers Program::halves(const Matrix& matrix, std::uint32_t pitch) {
    const Matrix narrowed{matrix.address, matrix.rows, matrix.cols, pitch};
    Numbers values;
    for (std::uint32_t r = 0; r < matrix.rows; ++r)
        for (std::uint32_t c = 0; c < matrix.cols; ++c)
            values.push_back(ip::from_bf16(narrowed.half(r, c)));
    return values;
}

/// Whether all operators take it as bf16, and it is of values that bf16 holds.
static bool may_be_narrow(const Program& program, const Matrix& matrix) {
    if (matrix.rows < 2 || matrix.cols < 2) return false;
    for (std::size_t i = 0; i < program.ops.size(); ++i)
        for (unsigned operand = 0; operand < program.matrices[i].size(); ++operand) {
            if (program.matrices[i][operand].address != matrix.address) continue;
            const OpRecord& op = program.ops[i];
            if (op.outer_count * op.inner_count > 1) return false; // its strides would be others
            if (schedule::definition_of(op.kind).operands[operand].fp32) return false;
        }
    const Numbers values = matrix.values();
    return std::all_of(values.begin(), values.end(), [](double value) {
        const auto single = static_cast<float>(value);
        return ip::from_bf16(ip::to_bf16(single)) == single;
    });
}

void Program::narrow_some() {
    for (std::size_t i = 0; i < ops.size(); ++i)
        for (const Matrix& matrix : matrices[i])
            if (narrow.count(matrix.address) == 0 && may_be_narrow(*this, matrix) && coin()) {
                Matrix rounded = matrix;
                if (matrix.pitch == matrix.cols * 4) rounded.pitch = matrix.cols * 2; // no gaps as before
                for (std::uint32_t r = 0; r < matrix.rows; ++r)
                    for (std::uint32_t c = 0; c < matrix.cols; ++c)
                        rounded.half(r, c) = ip::to_bf16(matrix.at(r, c));
                narrow.emplace(matrix.address, rounded);
            }
    for (OpRecord& op : ops)
        for (image_operand& operand : op.operand)
            if (const auto found = narrow.find(operand.address); found != narrow.end()) {
                operand.format = FORMAT_BF16;
                operand.pitch = found->second.pitch;
            }
}

Matrix Program::matrix(std::uint32_t rows, std::uint32_t cols) {
    Matrix m{0, rows, cols, (cols + (number(0, 3) ? 0 : number(1, 5))) * 4};
    m.address = chip.allocate_dram(std::uint64_t{rows} * m.pitch);
    for (std::uint32_t r = 0; r < rows; ++r)
        for (std::uint32_t c = 0; c < cols; ++c)
            m.at(r, c) = real();
    return m;
}

} // namespace gradus::test
