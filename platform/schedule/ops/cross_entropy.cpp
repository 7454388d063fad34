// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {

/// p = softmax(logits) by rows, loss = sum over r of -weights[r] log p[r, targets[r]]
OperatorDefinition cross_entropy() {
    OperatorDefinition loss;
    loss.operands = {{"p", Role::writes, full, false, false, true},
                     {"loss", Role::writes, scalar},
                     {"logits", Role::reads, full},
                     {"targets", Role::reads, by_row},
                     {"weights", Role::reads, by_row}};
    loss.reference = [](const Reference& of) {
        const auto p = of.operand(0), loss = of.operand(1), logits = of.operand(2), targets = of.operand(3);
        const auto weights = of.operand(4);
        double total = 0;
        for (std::uint32_t r = 0; r < of.rows(); ++r) {
            std::vector<double> row(of.cols());
            for (std::uint32_t c = 0; c < of.cols(); ++c)
                row[c] = logits.at(r, c);
            const double largest = *std::max_element(row.begin(), row.end());
            double sum = 0;
            for (const double logit : row)
                sum += std::exp(logit - largest);
            for (std::uint32_t c = 0; c < of.cols(); ++c)
                p.put(r, c, std::exp(row[c] - largest) / sum);
            const std::uint32_t target = targets.index(r);
            if (target >= of.cols()) throw std::out_of_range("a target outside the vocabulary");
            total += weights.at(r, 0) * (std::log(sum) + largest - row[target]);
        }
        loss.put(0, 0, total);
    };
    loss.differentiate = [](Derivation& d) {
        d.append(OP_CROSS_ENTROPY_BACKWARD, {d.share_of(2), d.operand(0), d.operand(3), d.operand(4)}, d.settings());
    };
    loss.is_loss = true;
    return loss;
}

/// dlogits = (p - onehot(targets)) * weights
OperatorDefinition cross_entropy_backward() {
    OperatorDefinition backward;
    backward.operands = {{"dlogits", Role::writes, full},
                         {"p", Role::reads, full, false, false, true},
                         {"targets", Role::reads, by_row},
                         {"weights", Role::reads, by_row}};
    backward.reference = [](const Reference& of) {
        const auto dlogits = of.operand(0), p = of.operand(1), targets = of.operand(2), weights = of.operand(3);
        of.for_each([&](auto r, auto c) {
            dlogits.put(r, c, (p.at(r, c) - (targets.index(r) == c ? 1 : 0)) * weights.at(r, 0));
        });
    };
    return backward;
}

} // namespace gradus::schedule::ops
