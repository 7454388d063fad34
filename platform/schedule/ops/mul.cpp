// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {

/// y = a * b, element by element. da = dy * b, db = dy * a.
OperatorDefinition mul() {
    OperatorDefinition mul;
    mul.operands = {{"y", Role::writes, full}, {"a", Role::reads, full}, {"b", Role::reads, full}};
    mul.reference = [](const auto& of) {
        const auto y = of.operand(0), a = of.operand(1), b = of.operand(2);
        of.for_each([&](auto r, auto c) { y.put(r, c, a.at(r, c) * b.at(r, c)); });
    };
    mul.differentiate = [](Derivation& d) {
        d.append(OP_MUL, {d.share_of(1), d.gradient(), d.operand(2)}, d.settings(), ".left");
        d.append(OP_MUL, {d.share_of(2), d.gradient(), d.operand(1)}, d.settings(), ".right");
    };
    return mul;
}

} // namespace gradus::schedule::ops
