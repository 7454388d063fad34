// SPDX-License-Identifier: Apache-2.0
// dims: rows, columns, ACTIVATION_*.
#include "platform/schedule/ops/activation.h"

#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {
/// y = f(x)
OperatorDefinition activation() {
    OperatorDefinition activation;
    activation.operands = {{"y", Role::writes, full}, {"x", Role::reads, full}};
    activation.reference = [](const auto& of) {
        const auto y = of.operand(0), x = of.operand(1);
        of.for_each([&](auto r, auto c) { y.put(r, c, activate(of.op.dims[2], x.at(r, c))); });
    };
    activation.differentiate = [](Derivation& d) {
        d.append(OP_ACTIVATION_BACKWARD, {d.share_of(1), d.gradient(), d.operand(1)}, d.settings());
    };
    return activation;
}

/// dx = f'(x) dy
OperatorDefinition activation_backward() {
    OperatorDefinition backward;
    backward.operands = {{"dx", Role::writes, full}, {"dy", Role::reads, full}, {"x", Role::reads, full}};
    backward.reference = [](const auto& of) {
        const auto dx = of.operand(0), dy = of.operand(1), x = of.operand(2);
        of.for_each([&](auto r, auto c) { dx.put(r, c, dy.at(r, c) * activation_slope(of.op.dims[2], x.at(r, c))); });
    };
    return backward;
}

} // namespace gradus::schedule::ops
