// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "platform/schedule/ops/update.h"

namespace gradus::schedule::ops {

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
    adam.reference = [](const Reference& of) {
        const Update update(of, 4);
        const auto first = of.operand(2), second = of.operand(3);
        const double beta1 = of.op.scalar[0], beta2 = of.op.scalar[1];
        of.for_each([&](auto r, auto c) {
            const double p = update.parameter(r, c), g = update.gradient(r, c);
            const double m = beta1 * first.at(r, c) + (1 - beta1) * g;
            const double v = beta2 * second.at(r, c) + (1 - beta2) * g * g;
            first.put(r, c, m);
            second.put(r, c, v);
            update.put(r, c,
                       p - of.update.decay * p -
                           of.update.step_size * m / (std::sqrt(v * of.update.correction) + of.op.scalar[2]));
        });
    };
    return adam;
}

OperatorDefinition adam_mixed() { return mixed(adam()); }

} // namespace gradus::schedule::ops
