// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/ops/reference.h"

#include <cstring>

#include "platform/schedule/ops/definition.h"

namespace gradus::schedule {

template <class Number>
void execute(const image_op& op, const image_operand* operands, const image_update& update,
             ReferenceMemory<Number>& memory) {
    definition_of(op.kind).reference(Reference<Number>(op, operands, update, memory));
}

template void execute(const image_op&, const image_operand*, const image_update&, ReferenceMemory<double>&);
template void execute(const image_op&, const image_operand*, const image_update&, ReferenceMemory<Bounded>&);

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
