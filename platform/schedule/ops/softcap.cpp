// SPDX-License-Identifier: Apache-2.0
// Scores and logits that cannot grow beyond a cap: Gemma Team, Gemma 2, 2024, section 2. Scalars: cap, scale.
#include <cmath>

#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {
namespace {

template <class Number>
Number capped(const Reference<Number>& of, Number x) {
    using std::exp;
    const Number cap = of.op.scalar[0], scale = of.op.scalar[1];
    return cap - 2 * cap / (exp(2 * scale / cap * x) + 1);
}

} // namespace

/// y = cap tanh(scale x / cap), as cap - 2 cap / (exp(2 scale x / cap) + 1), which has the rounding of units that have
/// no tanh
OperatorDefinition softcap() {
    OperatorDefinition softcap;
    softcap.operands = {{"y", Role::writes, full}, {"x", Role::reads, full}};
    softcap.reference = [](const auto& of) {
        const auto y = of.operand(0), x = of.operand(1);
        of.for_each([&](auto r, auto c) { y.put(r, c, capped(of, x.at(r, c))); });
    };
    softcap.differentiate = [](Derivation& d) {
        d.append(OP_SOFTCAP_BACKWARD, {d.share_of(1), d.gradient(), d.operand(0)}, d.settings());
    };
    return softcap;
}

/// dx = scale dy (1 - (y / cap)^2)
OperatorDefinition softcap_backward() {
    OperatorDefinition backward;
    backward.operands = {{"dx", Role::writes, full}, {"dy", Role::reads, full}, {"y", Role::reads, full}};
    backward.reference = [](const auto& of) {
        const auto dx = of.operand(0), dy = of.operand(1), y = of.operand(2);
        const double cap = of.op.scalar[0], scale = of.op.scalar[1];
        of.for_each([&](auto r, auto c) {
            const auto share = y.at(r, c) / cap;
            dx.put(r, c, scale * dy.at(r, c) * (1 - share * share));
        });
    };
    return backward;
}

} // namespace gradus::schedule::ops
