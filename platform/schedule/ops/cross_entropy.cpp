// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {
namespace {

template <class Number>
std::uint32_t target_of(const Reference<Number>& of, const ReferenceOperand<Number>& targets, std::uint32_t row) {
    const std::uint32_t target = targets.index(row);
    if (target >= of.cols()) throw std::out_of_range("a target outside the vocabulary");
    return target;
}

template <class Number>
void compute_loss(const Reference<Number>& of) {
    using std::exp;
    using std::log;
    const auto p = of.operand(0), logits = of.operand(2), targets = of.operand(3), weights = of.operand(4);
    std::vector<Number> losses(of.rows());
    of.for_each_row(of.rows(), of.cols(), [&](std::uint32_t r) {
        std::vector<Number> terms(of.cols());
        for (std::uint32_t c = 0; c < of.cols(); ++c)
            terms[c] = logits.at(r, c);
        const Number largest = *std::max_element(terms.begin(), terms.end());
        Sum<Number> sum;
        for (Number& term : terms)
            sum.add(term = exp(term - largest));
        const Number share = 1 / sum.total();
        for (std::uint32_t c = 0; c < of.cols(); ++c)
            p.put(r, c, terms[c] * share);
        const Number picked = logits.at(r, target_of(of, targets, r)) - largest;
        losses[r] = weights.at(r, 0) * (log(sum.total()) - picked);
    });
    Sum<Number> total;
    for (const Number& loss : losses)
        total.add(loss);
    of.operand(1).put(0, 0, total);
}

/// What belongs to the target may be taken off in memory.
template <class Number>
void differentiate_loss(const Reference<Number>& of) {
    const auto dlogits = of.operand(0), p = of.operand(1), targets = of.operand(2), weights = of.operand(3);
    of.for_each_row(of.rows(), of.cols(), [&](std::uint32_t r) {
        const std::uint32_t target = targets.index(r);
        const Number weight = weights.at(r, 0);
        for (std::uint32_t c = 0; c < of.cols(); ++c) {
            Sum<Number> sum;
            sum.add(p.at(r, c) * weight);
            if (c == target) sum.add(-weight);
            dlogits.put(r, c, sum);
        }
    });
}

} // namespace

/// p = softmax(logits) by rows, loss = sum over r of -weights[r] log p[r, targets[r]]
OperatorDefinition cross_entropy() {
    OperatorDefinition loss;
    loss.operands = {{"p", Role::writes, full, false, false, true},
                     {"loss", Role::writes, scalar},
                     {"logits", Role::reads, full},
                     {"targets", Role::reads, by_row},
                     {"weights", Role::reads, by_row}};
    loss.reference = [](const auto& of) { compute_loss(of); };
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
    backward.reference = [](const auto& of) { differentiate_loss(of); };
    return backward;
}

} // namespace gradus::schedule::ops
