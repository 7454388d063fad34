// SPDX-License-Identifier: Apache-2.0
// Scalars: factor, summand.
#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {

/// y = factor x + summand. dx = factor dy.
OperatorDefinition affine() {
    OperatorDefinition affine;
    affine.operands = {{"y", Role::writes, full}, {"x", Role::reads, full}};
    affine.reference = [](const auto& of) {
        const auto y = of.operand(0), x = of.operand(1);
        of.for_each([&](auto r, auto c) { y.put(r, c, of.op.scalar[0] * x.at(r, c) + of.op.scalar[1]); });
    };
    affine.differentiate = [](Derivation& d) {
        OperatorSettings settings = d.settings();
        settings.scalar[1] = 0;
        d.append(OP_AFFINE, {d.share_of(1), d.gradient()}, settings);
    };
    return affine;
}

} // namespace gradus::schedule::ops
