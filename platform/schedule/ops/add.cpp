// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {

/// y = a + b. Both have the gradient of y.
OperatorDefinition add() {
    OperatorDefinition add;
    add.operands = {{"y", Role::writes, full}, {"a", Role::reads, full}, {"b", Role::reads, full}};
    add.reference = [](const auto& of) {
        const auto y = of.operand(0), a = of.operand(1), b = of.operand(2);
        of.for_each([&](auto r, auto c) { y.put(r, c, a.at(r, c) + b.at(r, c)); });
    };
    add.differentiate = [](Derivation& d) {
        d.pass_on(1);
        d.pass_on(2);
    };
    return add;
}

} // namespace gradus::schedule::ops
