// SPDX-License-Identifier: Apache-2.0
// Rotary position embedding: Su et al., RoFormer, 2021, section 3.4.2, with the pairs of a head in its two halves, as
// published weights of Llama and its kin have them.
// dims: rows, columns, width of a head, period of positions, columns of a head that are turned (even).
#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {
namespace {

Extent angles(const image_op& op) { return {op.dims[3], op.dims[4]}; }

} // namespace

/// In each head, with h = turned / 2, i < h and position p = row mod period:
///   y[i]     = x[i] cos(p, i) - x[i + h] sin(p, i)
///   y[i + h] = x[i + h] cos(p, i) + x[i] sin(p, i)
/// What is not turned is copied. A row of angles is cos(p, 0 to h - 1), then sin(p, 0 to h - 1). With OP_FLAG_INVERSE
/// it is turned back, which is the gradient, too.
OperatorDefinition rope() {
    OperatorDefinition rope;
    rope.operands = {{"y", Role::writes, full}, {"x", Role::reads, full}, {"angles", Role::reads, angles}};
    rope.reference = [](const auto& of) {
        const auto y = of.operand(0), x = of.operand(1), table = of.operand(2);
        const std::uint32_t head = of.op.dims[2], half = of.op.dims[4] / 2;
        const double sign = of.op.flags & OP_FLAG_INVERSE ? -1 : 1;
        of.for_each([&](auto r, auto c) {
            const std::uint32_t i = c % head, position = r % of.op.dims[3];
            if (i >= 2 * half) return y.put(r, c, x.at(r, c));
            const bool second = i >= half;
            const auto cosine = table.at(position, second ? i - half : i);
            const double sine = sign * table.exact(position, second ? i : i + half);
            const double other = second ? x.exact(r, c - half) : -x.exact(r, c + half);
            y.put(r, c, x.at(r, c) * cosine + decltype(cosine)(other) * sine);
        });
    };
    rope.differentiate = [](Derivation& d) {
        OperatorSettings settings = d.settings();
        settings.flags ^= OP_FLAG_INVERSE;
        d.append(OP_ROPE, {d.share_of(1), d.gradient(), d.operand(2)}, settings);
    };
    return rope;
}

} // namespace gradus::schedule::ops
