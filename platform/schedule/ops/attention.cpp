// SPDX-License-Identifier: Apache-2.0
// Attention in one operator, without scores in DRAM. dims: rows, columns, width of a head, heads that share one of keys
// and values, context; scalars: scale.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <fmt/format.h>

#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {
namespace {

Extent of_keys(const image_op& op) { return {op.dims[0], op.dims[1] / op.dims[3]}; }
Extent of_sums(const image_op& op) {
    return {std::uint64_t{op.dims[0] / op.dims[4]} * (op.dims[1] / op.dims[2]), op.dims[4]};
}

/// Pairs of a query and a key that it sees, of all heads.
std::uint64_t visible_pairs(const image_op& op) {
    const std::uint64_t context = op.dims[4], sequences = op.dims[0] / context, heads = op.dims[1] / op.dims[2];
    const std::uint64_t seen = op.flags & OP_FLAG_CAUSAL ? context * (context + 1) / 2 : context * context;
    return sequences * heads * seen;
}

std::string shape_of_attention(const image_op& op) {
    return fmt::format("{}x{}, {} heads of {}", op.dims[0] / op.dims[4], op.dims[4], op.dims[1] / op.dims[2],
                       op.dims[2]);
}

/// One head of one sequence.
struct AttentionHead {
    AttentionHead(const Reference& of, std::uint32_t sequence, std::uint32_t head)
        : op(of.op), context(op.dims[4]), width(op.dims[2]), row(sequence * context), col(head * width),
          key_col(head / op.dims[3] * width), sums_row(sequence * (op.dims[1] / width) + head) {}

    const image_op& op;
    const std::uint32_t context, width;
    const std::uint32_t row, col, key_col; ///< where it begins in tensors of queries, and of keys
    const std::uint32_t sums_row;

    std::uint32_t visible(std::uint32_t query) const { return op.flags & OP_FLAG_CAUSAL ? query + 1 : context; }
    double key(const ReferenceOperand& of, std::uint32_t t, std::uint32_t c) const {
        const double value = of.at(row + t, key_col + c);
        return op.flags & OP_FLAG_BF16 ? rounded_to_bf16(value) : value;
    }
    double score(const ReferenceOperand& q, const ReferenceOperand& k, std::uint32_t query, std::uint32_t t) const {
        double sum = 0;
        for (std::uint32_t c = 0; c < width; ++c)
            sum += q.at(row + query, col + c) * key(k, t, c);
        return sum * op.scalar[0];
    }
};

template <class Visit>
void for_each_head(const Reference& of, Visit visit) {
    for (std::uint32_t sequence = 0; sequence < of.rows() / of.op.dims[4]; ++sequence)
        for (std::uint32_t head = 0; head < of.cols() / of.op.dims[2]; ++head)
            visit(AttentionHead(of, sequence, head));
}

void mix_head(const Reference& of, const AttentionHead& head) {
    const auto y = of.operand(0), lse = of.operand(1), q = of.operand(2), k = of.operand(3), v = of.operand(4);
    for (std::uint32_t query = 0; query < head.context; ++query) {
        std::vector<double> scores;
        for (std::uint32_t t = 0; t < head.visible(query); ++t)
            scores.push_back(head.score(q, k, query, t));
        const double largest = *std::max_element(scores.begin(), scores.end());
        double sum = 0;
        for (const double score : scores)
            sum += std::exp(score - largest);
        lse.put(head.sums_row, query, largest + std::log(sum));
        for (std::uint32_t c = 0; c < head.width; ++c) {
            double mixed = 0;
            for (std::uint32_t t = 0; t < scores.size(); ++t)
                mixed += std::exp(scores[t] - largest) / sum * head.key(v, t, c);
            y.put(head.row + query, head.col + c, mixed);
        }
    }
}

/// Gradients of keys and values, which heads of queries share.
struct KeyShares {
    explicit KeyShares(const Reference& of) : cols(of.cols() / of.op.dims[3]) {
        dk.resize(std::size_t{of.rows()} * cols);
        dv.resize(dk.size());
    }
    std::size_t place(const AttentionHead& head, std::uint32_t t, std::uint32_t c) const {
        return std::size_t{head.row + t} * cols + head.key_col + c;
    }
    std::uint32_t cols;
    std::vector<double> dk, dv;
};

void differentiate_head(const Reference& of, const AttentionHead& head, KeyShares& shares) {
    const auto dq = of.operand(0), dy = of.operand(3), y = of.operand(4), lse = of.operand(5), q = of.operand(6),
               k = of.operand(7), v = of.operand(8);
    for (std::uint32_t query = 0; query < head.context; ++query) {
        const std::uint32_t row = head.row + query;
        double dot = 0;
        for (std::uint32_t c = 0; c < head.width; ++c)
            dot += dy.at(row, head.col + c) * y.at(row, head.col + c);
        std::vector<double> dquery(head.width);
        for (std::uint32_t t = 0; t < head.visible(query); ++t) {
            const double p = std::exp(head.score(q, k, query, t) - lse.at(head.sums_row, query));
            double dp = 0;
            for (std::uint32_t c = 0; c < head.width; ++c)
                dp += dy.at(row, head.col + c) * head.key(v, t, c);
            const double dscore = p * (dp - dot) * of.op.scalar[0];
            for (std::uint32_t c = 0; c < head.width; ++c) {
                dquery[c] += dscore * head.key(k, t, c);
                shares.dk[shares.place(head, t, c)] += dscore * q.at(row, head.col + c);
                shares.dv[shares.place(head, t, c)] += p * dy.at(row, head.col + c);
            }
        }
        for (std::uint32_t c = 0; c < head.width; ++c)
            dq.put(row, head.col + c, dquery[c]);
    }
}

} // namespace

/// y = softmax(scale q k^T) v by heads; lse = log of the sum of exponentials of each query's scores, [heads, context] a
/// sequence. With OP_FLAG_CAUSAL no query sees a key behind it. With OP_FLAG_BF16 keys and values are rounded.
OperatorDefinition attention() {
    OperatorDefinition attention;
    attention.operands = {{"y", Role::writes, full},
                          {"lse", Role::writes, of_sums, false, false, true},
                          {"q", Role::reads, full},
                          {"k", Role::reads, of_keys},
                          {"v", Role::reads, of_keys}};
    attention.reference = [](const Reference& of) {
        for_each_head(of, [&](const AttentionHead& head) { mix_head(of, head); });
    };
    attention.differentiate = [](Derivation& d) {
        d.append(OP_ATTENTION_BACKWARD,
                 {d.share_of(2), d.share_of(3), d.share_of(4), d.gradient(), d.operand(0), d.operand(1), d.operand(2),
                  d.operand(3), d.operand(4)},
                 d.settings());
    };
    attention.macs = [](const image_op& op) { return visible_pairs(op) * op.dims[2] * 2; };
    attention.shape = shape_of_attention;
    return attention;
}

/// p = exp(scale q k^T - lse), dv = p^T dy, ds = scale p (dy v^T - rowsum(dy y)), dq = ds k, dk = ds^T q; dk and dv are
/// sums over the heads that share them.
OperatorDefinition attention_backward() {
    OperatorDefinition backward;
    backward.operands = {
        {"dq", Role::writes, full}, {"dk", Role::writes, of_keys}, {"dv", Role::writes, of_keys},
        {"dy", Role::reads, full},  {"y", Role::reads, full},      {"lse", Role::reads, of_sums, false, false, true},
        {"q", Role::reads, full},   {"k", Role::reads, of_keys},   {"v", Role::reads, of_keys}};
    backward.reference = [](const Reference& of) {
        KeyShares shares(of);
        for_each_head(of, [&](const AttentionHead& head) { differentiate_head(of, head, shares); });
        const auto dk = of.operand(1), dv = of.operand(2);
        for (std::uint32_t r = 0; r < of.rows(); ++r)
            for (std::uint32_t c = 0; c < shares.cols; ++c) {
                dk.put(r, c, shares.dk[std::size_t{r} * shares.cols + c]);
                dv.put(r, c, shares.dv[std::size_t{r} * shares.cols + c]);
            }
    };
    backward.macs = [](const image_op& op) { return visible_pairs(op) * op.dims[2] * 5; };
    backward.shape = shape_of_attention;
    return backward;
}

} // namespace gradus::schedule::ops
