// SPDX-License-Identifier: Apache-2.0
// What gradients are multiplied by so that the norm of all of them together is no larger than a limit: Pascanu, Mikolov
// and Bengio, On the difficulty of training recurrent neural networks, 2013, algorithm 1.
#include <cmath>

#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {
namespace {

/// A row may be summed up in chunks, whose sums are added one by one.
constexpr double chunks = 16;

template <class Number>
void sum_squares(const Reference<Number>& of) {
    const auto x = of.operand(1);
    Sum<Number> total(chunks * of.rows());
    for (std::uint32_t r = 0; r < of.rows(); ++r) {
        Sum<Number> row;
        for (std::uint32_t c = 0; c < of.cols(); ++c)
            row.add(x.at(r, c) * x.at(r, c));
        total.add(row.total());
    }
    of.operand(0).put(0, 0, total);
}

template <class Number>
void limit_norm(const Reference<Number>& of) {
    using std::sqrt;
    of.operand(0).put(0, 0, smaller(Number(of.op.scalar[1]), of.op.scalar[0] / sqrt(of.operand(1).at(0, 0))));
}

} // namespace

/// sum = sum over r and c of x[r, c]^2
OperatorDefinition square_sum() {
    OperatorDefinition sum;
    sum.operands = {{"sum", Role::writes, scalar}, {"x", Role::reads, full}};
    sum.reference = [](const auto& of) { sum_squares(of); };
    return sum;
}

/// factor = min(most, limit / sqrt(squares)). Scalars: limit; most, which is 1, or 1 / scale where gradients are those
/// of a scaled loss, for their norm is scaled, too.
OperatorDefinition clip() {
    OperatorDefinition clip;
    clip.operands = {{"factor", Role::writes, scalar}, {"squares", Role::reads, scalar}};
    clip.reference = [](const auto& of) { limit_norm(of); };
    return clip;
}

} // namespace gradus::schedule::ops
