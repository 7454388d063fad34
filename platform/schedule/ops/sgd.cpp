// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/ops/update.h"

namespace gradus::schedule::ops {
namespace {

template <class Number>
void descend(const Reference<Number>& of) {
    const Update<Number> update(of, 3);
    const auto momentum = of.operand(2);
    const Number factor = of.op.scalar[0], decay = of.update.decay, step_size = of.update.step_size;
    of.for_each([&](auto r, auto c) {
        const Number p = update.parameter(r, c);
        Number step = update.gradient(r, c);
        if (momentum.present()) {
            step = step + factor * momentum.at(r, c);
            momentum.put(r, c, step);
        }
        update.put(r, c, p - decay * p - step_size * step);
    });
}

} // namespace

/// Stochastic gradient descent, with heavy-ball momentum (Polyak, 1964) where it is kept:
///   momentum = factor momentum + g, p = p - decay p - step_size momentum
///   p = p - decay p - step_size g
/// Scalars: factor; the others are of the step (struct image_update).
OperatorDefinition sgd() {
    OperatorDefinition sgd;
    sgd.operands = {
        {"parameter", Role::updates, full}, {"gradient", Role::reads, full}, {"momentum", Role::updates, full, true}};
    sgd.reference = [](const auto& of) { descend(of); };
    return sgd;
}

OperatorDefinition sgd_mixed() { return mixed(sgd()); }

} // namespace gradus::schedule::ops
