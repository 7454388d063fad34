// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/ops/reference.h"

#include <cstring>

#include "platform/schedule/ops/definition.h"

namespace gradus::schedule {

std::vector<double> ReferenceOperand::read(std::uint64_t rows, std::uint64_t cols) const {
    std::vector<double> values;
    values.reserve(rows * cols);
    for (std::uint64_t row = 0; row < rows; ++row)
        for (std::uint64_t col = 0; col < cols; ++col)
            values.push_back(at(row, col));
    return values;
}

void ReferenceOperand::put(std::uint64_t row, std::uint64_t col, double value) const {
    const double old = operand_->flags & OPERAND_ACCUMULATE ? at(row, col) : 0;
    memory_->store(place(row, col), operand_->format, old + value);
}

ReferenceOperand Reference::product_operand(unsigned index, std::uint64_t outer, std::uint64_t inner) const {
    const image_operand& operand = operands_[index];
    return {memory_, operand,
            operand.address + std::uint64_t{update.slot} * operand.step_stride + outer * operand.outer_stride +
                inner * operand.inner_stride};
}

void Reference::for_each(const std::function<void(std::uint32_t, std::uint32_t)>& f) const {
    for (std::uint32_t r = 0; r < rows(); ++r)
        for (std::uint32_t c = 0; c < cols(); ++c)
            f(r, c);
}

void execute(const image_op& op, const image_operand* operands, const image_update& update, ReferenceMemory& memory) {
    definition_of(op.kind).reference(Reference(op, operands, update, memory));
}

double rounded_to_bf16(double value) {
    const auto single = static_cast<float>(value);
    std::uint32_t bits = 0;
    std::memcpy(&bits, &single, sizeof bits);
    bits += 0x7fffu + ((bits >> 16) & 1u);
    bits &= 0xffff0000u;
    float rounded = 0;
    std::memcpy(&rounded, &bits, sizeof rounded);
    return rounded;
}

} // namespace gradus::schedule
