// SPDX-License-Identifier: Apache-2.0
// A language-model head and its cross-entropy in one operator, without logits in DRAM. dims: tokens, vocabulary, width.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <vector>

#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {
namespace {

Extent of_tokens(const image_op& op) { return {op.dims[0], op.dims[2]}; }
Extent of_vocabulary(const image_op& op) { return {op.dims[1], op.dims[2]}; }

/// x, w, targets and weights, which are the operands from number 2 on.
struct HeadOperands {
    explicit HeadOperands(const Reference& of)
        : op(of.op), x(of.operand(2)), w(of.operand(3)), targets(of.operand(4)), weights(of.operand(5)) {}

    /// An element as products see it.
    double operand(const ReferenceOperand& from, std::uint32_t row, std::uint32_t col) const {
        return op.flags & OP_FLAG_BF16 ? rounded_to_bf16(from.at(row, col)) : from.at(row, col);
    }
    double logit(std::uint32_t token, std::uint32_t entry) const {
        double sum = 0;
        for (std::uint32_t c = 0; c < op.dims[2]; ++c)
            sum += operand(x, token, c) * operand(w, entry, c);
        return sum;
    }
    std::uint32_t target(std::uint32_t token) const {
        const std::uint32_t target = targets.index(token);
        if (target >= op.dims[1]) throw std::out_of_range("a target outside the vocabulary");
        return target;
    }

    const image_op& op;
    ReferenceOperand x, w, targets, weights;
};

void compute_head_loss(const Reference& of) {
    const auto lse = of.operand(0), loss = of.operand(1);
    const HeadOperands head(of);
    double total = 0;
    for (std::uint32_t token = 0; token < of.rows(); ++token) {
        std::vector<double> logits;
        for (std::uint32_t entry = 0; entry < of.cols(); ++entry)
            logits.push_back(head.logit(token, entry));
        const double largest = *std::max_element(logits.begin(), logits.end());
        double sum = 0, picked = 0;
        for (const double logit : logits)
            sum += std::exp(logit - largest);
        for (std::uint32_t c = 0; c < of.op.dims[2]; ++c)
            picked += head.x.at(token, c) * head.w.at(head.target(token), c);
        lse.put(token, 0, largest + std::log(sum));
        total += head.weights.at(token, 0) * (largest + std::log(sum) - picked);
    }
    loss.put(0, 0, total);
}

void compute_head_gradient(const Reference& of) {
    const auto dx = of.operand(0), dw = of.operand(1), lse = of.operand(6);
    const HeadOperands head(of);
    const std::uint32_t width = of.op.dims[2];
    std::vector<double> of_w(std::size_t{of.cols()} * width);
    for (std::uint32_t token = 0; token < of.rows(); ++token) {
        const double weight = head.weights.at(token, 0);
        std::vector<double> of_x(width);
        for (std::uint32_t entry = 0; entry < of.cols(); ++entry) {
            const double share = weight * std::exp(head.logit(token, entry) - lse.at(token, 0));
            for (std::uint32_t c = 0; c < width; ++c) {
                of_x[c] += share * head.operand(head.w, entry, c);
                of_w[std::size_t{entry} * width + c] += share * head.operand(head.x, token, c);
            }
        }
        for (std::uint32_t c = 0; c < width; ++c) {
            dx.put(token, c, of_x[c] - weight * head.w.at(head.target(token), c));
            of_w[std::size_t{head.target(token)} * width + c] -= weight * head.x.at(token, c);
        }
    }
    for (std::uint32_t entry = 0; entry < of.cols(); ++entry)
        for (std::uint32_t c = 0; c < width; ++c)
            dw.put(entry, c, of_w[std::size_t{entry} * width + c]);
}

} // namespace

/// logits = x w^T, lse = log of the sum of exponentials of each row, loss = sum over r of weights[r] (lse[r] - x[r] .
/// w[targets[r]]). With OP_FLAG_BF16 x and w are rounded, but for the product with the target.
OperatorDefinition head_loss() {
    OperatorDefinition loss;
    loss.operands = {{"lse", Role::writes, by_row},    {"loss", Role::writes, scalar},
                     {"x", Role::reads, of_tokens},    {"w", Role::reads, of_vocabulary},
                     {"targets", Role::reads, by_row}, {"weights", Role::reads, by_row}};
    loss.reference = compute_head_loss;
    loss.differentiate = [](Derivation& d) {
        d.append(OP_HEAD_LOSS_BACKWARD,
                 {d.share_of(2), d.share_of(3), d.operand(2), d.operand(3), d.operand(4), d.operand(5), d.operand(0)},
                 d.settings());
    };
    loss.is_loss = true;
    loss.macs = [](const image_op& op) { return std::uint64_t{op.dims[0]} * op.dims[1] * op.dims[2]; };
    return loss;
}

/// dw is fp32: a scatter adds to its rows.
/// p = weights exp(logits - lse), dx = p w - weights w[targets], dw = p^T x, less weights[r] x[r] in row targets[r].
OperatorDefinition head_loss_backward() {
    OperatorDefinition gradient;
    gradient.operands = {{"dx", Role::writes, of_tokens},  {"dw", Role::writes, of_vocabulary, false, false, true},
                         {"x", Role::reads, of_tokens},    {"w", Role::reads, of_vocabulary},
                         {"targets", Role::reads, by_row}, {"weights", Role::reads, by_row},
                         {"lse", Role::reads, by_row}};
    gradient.reference = compute_head_gradient;
    gradient.macs = [](const image_op& op) { return std::uint64_t{op.dims[0]} * op.dims[1] * op.dims[2] * 3; };
    return gradient;
}

} // namespace gradus::schedule::ops
