// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {

/// y = x, of the same format.
OperatorDefinition copy() {
    OperatorDefinition copy;
    copy.operands = {{"y", Role::writes, full}, {"x", Role::reads, full}};
    copy.reference = [](const auto& of) {
        const auto y = of.operand(0), x = of.operand(1);
        of.for_each([&](auto r, auto c) { y.put(r, c, x.at(r, c)); });
    };
    copy.differentiate = [](Derivation& d) { d.pass_on(1); };
    return copy;
}

} // namespace gradus::schedule::ops
