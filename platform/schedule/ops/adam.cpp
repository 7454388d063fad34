// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "platform/schedule/ops/update.h"

namespace gradus::schedule::ops {
namespace {

template <class Number>
void update_by_moments(const Reference<Number>& of) {
    using std::sqrt;
    const Update<Number> update(of, 4);
    const auto first = of.operand(2), second = of.operand(3);
    const Number beta1 = of.op.scalar[0], beta2 = of.op.scalar[1], epsilon = of.op.scalar[2];
    const Number decay = of.update.decay, step_size = of.update.step_size, correction = of.update.correction;
    of.for_each([&](auto r, auto c) {
        const Number p = update.parameter(r, c), g = update.gradient(r, c);
        const Number m = beta1 * first.at(r, c) + (1 - beta1) * g;
        const Number v = beta2 * second.at(r, c) + (1 - beta2) * g * g;
        first.put(r, c, m);
        second.put(r, c, v);
        update.put(r, c, p - decay * p - step_size * m / (sqrt(v * correction) + epsilon));
    });
}

} // namespace

/// Kingma and Ba, Adam, 2015, algorithm 1, with the decay of Loshchilov and Hutter, 2019, algorithm 2:
///   m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2
///   p = p - decay p - step_size m / (sqrt(correction v) + epsilon)
/// Scalars: beta1, beta2, epsilon; the others are of the step (struct image_update).
OperatorDefinition adam() {
    OperatorDefinition adam;
    adam.operands = {{"parameter", Role::updates, full},
                     {"gradient", Role::reads, full},
                     {"first moment", Role::updates, full},
                     {"second moment", Role::updates, full}};
    adam.reference = [](const auto& of) { update_by_moments(of); };
    return adam;
}

OperatorDefinition adam_mixed() { return mixed(adam()); }

} // namespace gradus::schedule::ops
