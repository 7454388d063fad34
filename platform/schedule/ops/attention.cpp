// SPDX-License-Identifier: Apache-2.0
// Attention in one operator, without scores in DRAM. dims: rows, columns, width of a head, heads that share one of keys
// and values, context, window (0: none); scalars: scale, cap (0: none).
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <fmt/format.h>

#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/products.h"
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
    if (!(op.flags & OP_FLAG_CAUSAL)) return sequences * heads * context * context;
    const std::uint64_t window = op.dims[5] != 0 ? std::min<std::uint64_t>(op.dims[5], context) : context;
    return sequences * heads * (window * (window + 1) / 2 + (context - window) * window);
}

std::string shape_of_attention(const image_op& op) {
    return fmt::format("{}x{}, {} heads of {}{}", op.dims[0] / op.dims[4], op.dims[4], op.dims[1] / op.dims[2],
                       op.dims[2], op.dims[5] != 0 ? fmt::format(", window {}", op.dims[5]) : "");
}

/// Where a head of a sequence begins in tensors of queries, and of keys.
struct Head {
    Head(const image_op& op, std::uint32_t sequence, std::uint32_t head)
        : row(sequence * op.dims[4]), col(head * op.dims[2]), key_col(head / op.dims[3] * op.dims[2]),
          sums_row(sequence * (op.dims[1] / op.dims[2]) + head) {}

    std::uint32_t row, col, key_col, sums_row;
};

/// A query sees keys first_visible() to end_visible() - 1.
std::uint32_t first_visible(const image_op& op, std::uint32_t query) {
    return op.dims[5] != 0 && query >= op.dims[5] ? query - (op.dims[5] - 1) : 0;
}
std::uint32_t end_visible(const image_op& op, std::uint32_t query) {
    return op.flags & OP_FLAG_CAUSAL ? query + 1 : op.dims[4];
}

/// What a cap leaves of a score, and the derivative of that.
template <class Number>
Number capped(const image_op& op, Number score) {
    using std::tanh;
    const Number cap = static_cast<double>(op.scalar[1]);
    return op.scalar[1] > 0 ? cap * tanh(score / cap) : score;
}
template <class Number>
Number slope_of_cap(const image_op& op, Number capped_score) {
    if (!(op.scalar[1] > 0)) return Number(1);
    const Number part = capped_score / static_cast<double>(op.scalar[1]);
    return 1 - part * part;
}

/// [context, width] of a head.
template <class Number>
std::vector<double> queries_of(const Reference<Number>& of, unsigned operand, const Head& head) {
    const auto from = of.operand(operand);
    const std::uint32_t context = of.op.dims[4], width = of.op.dims[2];
    std::vector<double> values(std::size_t{context} * width);
    for (std::uint32_t t = 0; t < context; ++t)
        for (std::uint32_t c = 0; c < width; ++c)
            values[std::size_t{t} * width + c] = from.exact(head.row + t, head.col + c);
    return values;
}
template <class Number>
std::vector<double> keys_of(const Reference<Number>& of, unsigned operand, const Head& head) {
    Head shared = head;
    shared.col = head.key_col;
    std::vector<double> values = queries_of(of, operand, shared);
    if (of.op.flags & OP_FLAG_BF16) std::transform(values.begin(), values.end(), values.begin(), rounded_to_bf16);
    return values;
}

template <class Visit>
void for_each_head(const image_op& op, Visit visit) {
    for (std::uint32_t sequence = 0; sequence < op.dims[0] / op.dims[4]; ++sequence)
        for (std::uint32_t head = 0; head < op.dims[1] / op.dims[2]; ++head)
            visit(Head(op, sequence, head));
}

/// Of a query and a key.
template <class Number>
Sum<Number> score_of(const image_op& op, const double* query, const double* key) {
    Sum<Number> score = dot<Number>(op.dims[2], query, key);
    score.scale(static_cast<double>(op.scalar[0]));
    return score;
}

template <class Number>
void mix_head(const Reference<Number>& of, const Head& head) {
    using std::exp;
    using std::log;
    const auto y = of.operand(0), lse = of.operand(1);
    const std::vector<double> q = queries_of(of, 2, head), k = keys_of(of, 3, head), v = keys_of(of, 4, head);
    const std::uint32_t context = of.op.dims[4], width = of.op.dims[2];
    of.for_each_row(context, std::uint64_t{context} * width, [&](std::uint32_t query) {
        std::vector<Number> weights;
        const std::uint32_t first = first_visible(of.op, query);
        for (std::uint32_t t = first; t < end_visible(of.op, query); ++t)
            weights.push_back(capped(
                of.op, score_of<Number>(of.op, &q[std::size_t{query} * width], &k[std::size_t{t} * width]).total()));
        const Number largest = *std::max_element(weights.begin(), weights.end());
        const double rescaled = rescalings(weights.size());
        Sum<Number> sum(rescaled);
        for (Number& weight : weights)
            sum.add(weight = exp(weight - largest));
        lse.put(head.sums_row, query, largest + log(sum.total()));
        const Number share = 1 / sum.total();
        for (std::uint32_t c = 0; c < width; ++c) {
            Sum<Number> mixed(rescaled);
            for (std::uint32_t t = 0; t < weights.size(); ++t)
                mixed.add(weights[t] * v[std::size_t{first + t} * width + c]);
            y.put(head.row + query, head.col + c, mixed.total() * share);
        }
    });
}

/// Gradients of keys and values, which heads of queries share.
template <class Number>
struct KeyShares {
    explicit KeyShares(const Reference<Number>& of) : cols(of.cols() / of.op.dims[3]) {
        dk.resize(std::size_t{of.rows()} * cols);
        dv.resize(dk.size());
    }
    std::uint32_t cols;
    std::vector<Sum<Number>> dk, dv;
};

/// The chip subtracts lse and the dot product of dy and y as the bias of a product.
template <class Number>
void differentiate_head(const Reference<Number>& of, const Head& head, KeyShares<Number>& shares) {
    using std::exp;
    const auto dq = of.operand(0), lse = of.operand(5);
    const std::vector<double> dy = queries_of(of, 3, head), y = queries_of(of, 4, head), q = queries_of(of, 6, head),
                              k = keys_of(of, 7, head), v = keys_of(of, 8, head);
    const std::uint32_t width = of.op.dims[2];
    const Number scale = of.op.scalar[0];
    for (std::uint32_t query = 0; query < of.op.dims[4]; ++query) {
        const std::size_t at = std::size_t{query} * width;
        const Number minus_dot = -dot<Number>(width, &dy[at], &y[at]).total(),
                     minus_lse = -lse.at(head.sums_row, query);
        std::vector<Sum<Number>> dquery(width);
        for (std::uint32_t t = first_visible(of.op, query); t < end_visible(of.op, query); ++t) {
            const std::size_t key = std::size_t{t} * width;
            Sum<Number> exponent = score_of<Number>(of.op, &q[at], &k[key]);
            const Number score = capped(of.op, exponent.total());
            Sum<Number> difference = dot<Number>(width, &dy[at], &v[key]);
            if (of.op.scalar[1] > 0) {
                exponent = Sum<Number>();
                exponent.add(score);
            }
            exponent.add(minus_lse);
            difference.add(minus_dot);
            const Number p = exp(exponent.total());
            const Number dscore = p * difference.total() * slope_of_cap(of.op, score);
            const std::size_t place = std::size_t{head.row + t} * shares.cols + head.key_col;
            for (std::uint32_t c = 0; c < width; ++c) {
                dquery[c].add(scale * (dscore * k[key + c]));
                shares.dk[place + c].add(dscore * (scale * q[at + c]));
                shares.dv[place + c].add(p * dy[at + c]);
            }
        }
        for (std::uint32_t c = 0; c < width; ++c)
            dq.put(head.row + query, head.col + c, dquery[c]);
    }
}

template <class Number>
void differentiate_attention(const Reference<Number>& of) {
    KeyShares<Number> shares(of);
    const std::uint32_t group = of.op.dims[3], context = of.op.dims[4];
    const std::uint32_t groups = of.cols() / of.op.dims[2] / group; // of heads that share their keys
    of.for_each_row(std::uint64_t{of.rows() / context} * groups, std::uint64_t{group} * context * context,
                    [&](std::uint32_t i) {
                        for (std::uint32_t head = 0; head < group; ++head)
                            differentiate_head(of, Head(of.op, i / groups, i % groups * group + head), shares);
                    });
    const auto dk = of.operand(1), dv = of.operand(2);
    for (std::uint32_t r = 0; r < of.rows(); ++r)
        for (std::uint32_t c = 0; c < shares.cols; ++c) {
            dk.put(r, c, shares.dk[std::size_t{r} * shares.cols + c]);
            dv.put(r, c, shares.dv[std::size_t{r} * shares.cols + c]);
        }
}

} // namespace

/// y = softmax(s) v by heads, with scores s = scale q k^T, or cap tanh(scale q k^T / cap) with a cap; lse = log of the
/// sum of exponentials of each query's scores, [heads, context] a sequence. With OP_FLAG_CAUSAL no query sees a key
/// behind it, and with a window, only so many keys, its own among them. With OP_FLAG_BF16 keys and values are rounded.
OperatorDefinition attention() {
    OperatorDefinition attention;
    attention.operands = {{"y", Role::writes, full},
                          {"lse", Role::writes, of_sums, false, false, true},
                          {"q", Role::reads, full},
                          {"k", Role::reads, of_keys},
                          {"v", Role::reads, of_keys}};
    attention.reference = [](const auto& of) { for_each_head(of.op, [&](const Head& head) { mix_head(of, head); }); };
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

/// p = exp(s - lse), dv = p^T dy, ds = scale p (dy v^T - rowsum(dy y)), with a cap times 1 - (s / cap)^2, dq = ds k,
/// dk = ds^T q; dk and dv are sums over the heads that share them.
OperatorDefinition attention_backward() {
    OperatorDefinition backward;
    backward.operands = {
        {"dq", Role::writes, full}, {"dk", Role::writes, of_keys}, {"dv", Role::writes, of_keys},
        {"dy", Role::reads, full},  {"y", Role::reads, full},      {"lse", Role::reads, of_sums, false, false, true},
        {"q", Role::reads, full},   {"k", Role::reads, of_keys},   {"v", Role::reads, of_keys}};
    backward.reference = [](const auto& of) { differentiate_attention(of); };
    backward.macs = [](const image_op& op) { return visible_pairs(op) * op.dims[2] * 5; };
    backward.shape = shape_of_attention;
    return backward;
}

} // namespace gradus::schedule::ops
