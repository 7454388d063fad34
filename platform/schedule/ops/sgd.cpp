// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/ops/update.h"

namespace gradus::schedule::ops {

/// Stochastic gradient descent, with heavy-ball momentum (Polyak, 1964) where it is kept:
///   momentum = factor momentum + g, p = p - decay p - step_size momentum
///   p = p - decay p - step_size g
/// Scalars: factor; the others are of the step (struct image_update).
OperatorDefinition sgd() {
    OperatorDefinition sgd;
    sgd.operands = {
        {"parameter", Role::updates, full}, {"gradient", Role::reads, full}, {"momentum", Role::updates, full, true}};
    sgd.reference = [](const Reference& of) {
        const Update update(of, 3);
        const auto momentum = of.operand(2);
        of.for_each([&](auto r, auto c) {
            const double p = update.parameter(r, c);
            double step = update.gradient(r, c);
            if (momentum.present()) {
                step += of.op.scalar[0] * momentum.at(r, c);
                momentum.put(r, c, step);
            }
            update.put(r, c, p - of.update.decay * p - of.update.step_size * step);
        });
    };
    return sgd;
}

OperatorDefinition sgd_mixed() { return mixed(sgd()); }

} // namespace gradus::schedule::ops
