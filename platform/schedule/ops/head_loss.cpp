// SPDX-License-Identifier: Apache-2.0
// A language-model head and its cross-entropy in one operator, without logits in DRAM. dims: tokens, vocabulary, width.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <vector>

#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/products.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {
namespace {

Extent of_tokens(const image_op& op) { return {op.dims[0], op.dims[2]}; }
Extent of_vocabulary(const image_op& op) { return {op.dims[1], op.dims[2]}; }

/// x, w, targets and weights, which are the operands from number 2 on.
template <class Number>
struct HeadOperands {
    explicit HeadOperands(const Reference<Number>& reference)
        : of(reference), x(of.operand(2)), w(of.operand(3)), targets(of.operand(4)), weights(of.operand(5)),
          width(of.op.dims[2]) {}

    /// Rows of an operand as products see it; transposed: they become columns.
    template <class Value>
    std::vector<Value> rows_of(const ReferenceOperand<Number>& from, std::size_t first, std::size_t rows,
                               bool transposed) const {
        std::vector<Value> matrix(rows * width);
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t c = 0; c < width; ++c) {
                const double value = from.exact(first + r, c);
                matrix[transposed ? c * rows + r : r * width + c] =
                    of.op.flags & OP_FLAG_BF16 ? rounded_to_bf16(value) : value;
            }
        return matrix;
    }
    std::uint32_t target(std::uint32_t token) const {
        const std::uint32_t target = targets.index(token);
        if (target >= of.cols()) throw std::out_of_range("a target outside the vocabulary");
        return target;
    }
    /// visit(token, entry, logit) for all, from several threads, but for a token from one at a time.
    template <class Visit>
    void for_each_logit(Visit visit) const {
        of.spread(of.rows(), std::uint64_t{of.cols()} * width, [&](std::uint64_t first, std::uint64_t end) {
            const std::vector<Number> block = rows_of<Number>(x, first, end - first, false);
            for (std::uint32_t entry = 0; entry < of.cols(); entry += slice) {
                const std::uint32_t entries = std::min(slice, of.cols() - entry);
                const std::vector<Sum<Number>> logits =
                    product(end - first, entries, width, block, rows_of<double>(w, entry, entries, true));
                for (std::uint64_t token = first; token < end; ++token)
                    for (std::uint32_t e = 0; e < entries; ++e)
                        visit(static_cast<std::uint32_t>(token), entry + e, logits[(token - first) * entries + e]);
            }
        });
    }

    static constexpr std::uint32_t slice = 256; // of the vocabulary
    const Reference<Number>& of;
    ReferenceOperand<Number> x, w, targets, weights;
    std::size_t width;
};

template <class Number>
void compute_head_loss(const Reference<Number>& of) {
    using std::exp;
    using std::log;
    const auto lse = of.operand(0);
    const HeadOperands<Number> head(of);
    std::vector<Number> logits(std::size_t{of.rows()} * of.cols());
    head.for_each_logit([&](std::uint32_t token, std::uint32_t entry, const Sum<Number>& logit) {
        logits[std::size_t{token} * of.cols() + entry] = logit.total();
    });
    std::vector<Number> losses(of.rows());
    of.for_each_row(of.rows(), of.cols(), [&](std::uint32_t token) {
        const Number* const row = &logits[std::size_t{token} * of.cols()];
        const Number largest = *std::max_element(row, row + of.cols());
        Sum<Number> sum(rescalings(of.cols())), picked;
        for (std::uint32_t entry = 0; entry < of.cols(); ++entry)
            sum.add(exp(row[entry] - largest));
        for (std::size_t c = 0; c < head.width; ++c)
            picked.add(head.x.at(token, c) * head.w.at(head.target(token), c));
        const Number log_sum = largest + log(sum.total());
        lse.put(token, 0, log_sum);
        losses[token] = head.weights.at(token, 0) * (log_sum - picked.total());
    });
    Sum<Number> total;
    for (const Number& loss : losses)
        total.add(loss);
    of.operand(1).put(0, 0, total);
}

/// weight exp(logit - lse) of each token and entry, with what the chip adds to a logit as the bias of its product.
template <class Number>
std::vector<Number> shares_of(const HeadOperands<Number>& head) {
    using std::exp;
    using std::log;
    const auto lse = head.of.operand(6);
    std::vector<Number> shares(std::size_t{head.of.rows()} * head.of.cols()), biases(head.of.rows());
    for (std::uint32_t token = 0; token < head.of.rows(); ++token)
        biases[token] = log(head.weights.at(token, 0)) - lse.at(token, 0);
    head.for_each_logit([&](std::uint32_t token, std::uint32_t entry, Sum<Number> logit) {
        if (!(head.weights.exact(token, 0) > 0)) return;
        logit.add(biases[token]);
        shares[std::size_t{token} * head.of.cols() + entry] = exp(logit.total());
    });
    return shares;
}

template <class Number>
void differentiate_tokens(const HeadOperands<Number>& head, const std::vector<Number>& shares) {
    const Reference<Number>& of = head.of;
    const auto dx = of.operand(0);
    of.spread(of.rows(), std::uint64_t{of.cols()} * head.width, [&](std::uint64_t first, std::uint64_t end) {
        std::vector<Sum<Number>> sums((end - first) * head.width);
        for (std::uint32_t entry = 0; entry < of.cols(); entry += head.slice) {
            const std::size_t entries = std::min(head.slice, of.cols() - entry);
            std::vector<Number> block;
            for (std::uint64_t token = first; token < end; ++token) {
                const Number* const row = &shares[token * of.cols() + entry];
                block.insert(block.end(), row, row + entries);
            }
            const std::vector<Sum<Number>> parts = product(
                end - first, head.width, entries, block, head.template rows_of<double>(head.w, entry, entries, false));
            for (std::size_t i = 0; i < sums.size(); ++i)
                sums[i].add(parts[i]);
        }
        for (std::uint64_t token = first; token < end; ++token)
            for (std::size_t c = 0; c < head.width; ++c) {
                Sum<Number>& sum = sums[(token - first) * head.width + c];
                sum.add(-(head.weights.at(token, 0) * head.w.at(head.target(static_cast<std::uint32_t>(token)), c)));
                dx.put(token, c, sum);
            }
    });
}

template <class Number>
void differentiate_entries(const HeadOperands<Number>& head, const std::vector<Number>& shares) {
    const Reference<Number>& of = head.of;
    const auto dw = of.operand(1);
    const std::vector<double> x = head.template rows_of<double>(head.x, 0, of.rows(), false);
    std::vector<std::vector<std::uint32_t>> tokens_of(of.cols());
    for (std::uint32_t token = 0; token < of.rows(); ++token)
        tokens_of[head.target(token)].push_back(token);
    const std::uint32_t slices = (of.cols() + head.slice - 1) / head.slice;
    of.for_each_row(slices, std::uint64_t{head.slice} * of.rows() * head.width, [&](std::uint32_t i) {
        const std::uint32_t entry = i * head.slice, entries = std::min(head.slice, of.cols() - entry);
        std::vector<Number> block(std::size_t{entries} * of.rows());
        for (std::uint32_t e = 0; e < entries; ++e)
            for (std::uint32_t token = 0; token < of.rows(); ++token)
                block[std::size_t{e} * of.rows() + token] = shares[std::size_t{token} * of.cols() + entry + e];
        std::vector<Sum<Number>> sums = product(entries, head.width, of.rows(), block, x);
        for (std::uint32_t e = 0; e < entries; ++e)
            for (std::size_t c = 0; c < head.width; ++c) {
                Sum<Number>& sum = sums[std::size_t{e} * head.width + c];
                for (const std::uint32_t token : tokens_of[entry + e])
                    sum.add(-(head.weights.at(token, 0) * head.x.at(token, c)));
                dw.put(entry + e, c, sum);
            }
    });
}

template <class Number>
void compute_head_gradient(const Reference<Number>& of) {
    const HeadOperands<Number> head(of);
    const std::vector<Number> shares = shares_of(head);
    differentiate_tokens(head, shares);
    differentiate_entries(head, shares);
}

} // namespace

/// logits = x w^T, lse = log of the sum of exponentials of each row, loss = sum over r of weights[r] (lse[r] - x[r] .
/// w[targets[r]]). With OP_FLAG_BF16 x and w are rounded, but for the product with the target.
OperatorDefinition head_loss() {
    OperatorDefinition loss;
    loss.operands = {{"lse", Role::writes, by_row},    {"loss", Role::writes, scalar},
                     {"x", Role::reads, of_tokens},    {"w", Role::reads, of_vocabulary},
                     {"targets", Role::reads, by_row}, {"weights", Role::reads, by_row}};
    loss.reference = [](const auto& of) { compute_head_loss(of); };
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
    gradient.reference = [](const auto& of) { compute_head_gradient(of); };
    gradient.macs = [](const image_op& op) { return std::uint64_t{op.dims[0]} * op.dims[1] * op.dims[2] * 3; };
    return gradient;
}

} // namespace gradus::schedule::ops
