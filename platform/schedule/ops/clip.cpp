// SPDX-License-Identifier: Apache-2.0
// What gradients are multiplied by so that the norm of all of them together is no larger than a limit: Pascanu, Mikolov
// and Bengio, On the difficulty of training recurrent neural networks, 2013, algorithm 1.
#include <algorithm>
#include <cmath>

#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {

/// sum = sum over r and c of x[r, c]^2
OperatorDefinition square_sum() {
    OperatorDefinition sum;
    sum.operands = {{"sum", Role::writes, scalar}, {"x", Role::reads, full}};
    sum.reference = [](const Reference& of) {
        const auto x = of.operand(1);
        double total = 0;
        of.for_each([&](auto r, auto c) { total += x.at(r, c) * x.at(r, c); });
        of.operand(0).put(0, 0, total);
    };
    return sum;
}

/// factor = min(most, limit / sqrt(squares)). Scalars: limit; most, which is 1, or 1 / scale where gradients are those
/// of a scaled loss, for their norm is scaled, too.
OperatorDefinition clip() {
    OperatorDefinition clip;
    clip.operands = {{"factor", Role::writes, scalar}, {"squares", Role::reads, scalar}};
    clip.reference = [](const Reference& of) {
        of.operand(0).put(0, 0, std::min<double>(of.op.scalar[1], of.op.scalar[0] / std::sqrt(of.operand(1).at(0, 0))));
    };
    return clip;
}

} // namespace gradus::schedule::ops
