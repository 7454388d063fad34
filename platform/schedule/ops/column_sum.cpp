// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {

/// y[c] = sum over r of x[r, c]: the gradient of a bias.
OperatorDefinition column_sum() {
    OperatorDefinition sum;
    sum.operands = {{"y", Role::writes, by_column}, {"x", Role::reads, full}};
    sum.reference = [](const Reference& of) {
        const auto y = of.operand(0), x = of.operand(1);
        for (std::uint32_t c = 0; c < of.cols(); ++c) {
            double total = 0;
            for (std::uint32_t r = 0; r < of.rows(); ++r)
                total += x.at(r, c);
            y.put(0, c, total);
        }
    };
    return sum;
}

} // namespace gradus::schedule::ops
