// SPDX-License-Identifier: Apache-2.0
// Random instances of attention and of the head with its loss, each in one operator, for firmware_operators.h.
#pragma once

#include <algorithm>
#include <cmath>

#include "ip/numerics/bf16.h"
#include "tests/unit/firmware_program.h"

namespace gradus::test {

/// An attention: queries of `heads` heads, keys and values of fewer maybe.
struct RandomAttention {
    explicit RandomAttention(Program& p)
        : context(p.number(0, 2) ? p.number(1, 40) : p.number(41, 64)), batch(context > 40 ? 1 : p.number(1, 3)),
          group(p.coin() ? 1 : p.number(2, 3)), heads(group * p.number(1, 4)), width(p.number(1, 12)),
          causal(p.number(0, 2)), window(causal && p.coin() ? random_window(p) : 0), bf16(p.coin()),
          scale(p.coin() ? 1.0F : 0.25F), cap(p.number(0, 2) ? 0.0F : 1.5F),
          q(p.matrix(batch * context, heads * width)), k(p.matrix(batch * context, heads / group * width)),
          v(p.matrix(batch * context, heads / group * width)), lse(p.matrix(batch * heads, context)) {}

    /// One key, a few, about as many as the context has, or more.
    std::uint32_t random_window(Program& p) const {
        const std::uint32_t choices[] = {1, p.number(2, 7), p.number(1, context), context, context + 5};
        return choices[p.number(0, 4)];
    }

    void describe(OpRecord& op) const {
        op.dims[2] = width;
        op.dims[3] = group;
        op.dims[4] = context;
        op.dims[5] = window;
        op.scalar[0] = scale;
        op.scalar[1] = cap;
        op.flags = (causal ? OP_FLAG_CAUSAL : 0) | (bf16 ? OP_FLAG_BF16 : 0);
    }
    bool sees(std::uint32_t query, std::uint32_t key) const {
        return !causal || (key <= query && (window == 0 || query - key < window));
    }
    double score(double product) const { return cap > 0 ? cap * std::tanh(scale * product / cap) : scale * product; }
    double slope(double product) const {
        return cap > 0 ? scale / std::pow(std::cosh(scale * product / cap), 2) : double{scale};
    }

    std::uint32_t context, batch, group, heads, width;
    bool causal;
    std::uint32_t window;
    bool bf16;
    float scale, cap;
    Matrix q, k, v, lse;
};

/// One head of one sequence, in double precision.
struct AttentionHead {
    AttentionHead(const Program& p, const RandomAttention& of, std::uint32_t sequence, std::uint32_t head)
        : of(of), row(sequence * of.context), col(head * of.width), key_col(head / of.group * of.width),
          rounds(of.bf16 && (p.chip.info.matrix_formats & INFO_FORMAT_BF16)) {
        for (std::uint32_t query = 0; query < of.context; ++query) {
            double sum = 0;
            for (std::uint32_t t = 0; t < of.context; ++t) {
                products.push_back(
                    sum_over(of.width, [&](auto c) { return of.q.at(row + query, col + c) * key(of.k, t, c); }));
                probabilities.push_back(of.sees(query, t) ? std::exp(of.score(products.back())) : 0);
                sum += probabilities.back();
            }
            for (std::uint32_t t = 0; t < of.context; ++t)
                probabilities[query * of.context + t] /= sum;
            lse.push_back(std::log(sum));
        }
    }
    double key(const Matrix& from, std::uint32_t t, std::uint32_t c) const {
        const float value = from.at(row + t, key_col + c);
        return rounds ? ip::from_bf16(ip::to_bf16(value)) : value;
    }
    double probability(std::uint32_t query, std::uint32_t t) const { return probabilities[query * of.context + t]; }
    double slope(std::uint32_t query, std::uint32_t t) const { return of.slope(products[query * of.context + t]); }
    double mixed(std::uint32_t query, std::uint32_t c) const {
        return sum_over(of.context, [&](auto t) { return probability(query, t) * key(of.v, t, c); });
    }

    const RandomAttention& of;
    std::uint32_t row, col, key_col;
    bool rounds;
    Numbers products, probabilities, lse;
};

inline void add_attention(Program& p) {
    const RandomAttention a(p);
    const Matrix y = p.matrix(a.q.rows, a.q.cols);
    a.describe(p.op(OP_ATTENTION, {y, a.lse, a.q, a.k, a.v}, y.rows, y.cols));
    Numbers expected(std::size_t{y.rows} * y.cols), sums;
    for (std::uint32_t sequence = 0; sequence < a.batch; ++sequence)
        for (std::uint32_t i = 0; i < a.heads; ++i) {
            const AttentionHead head(p, a, sequence, i);
            sums.insert(sums.end(), head.lse.begin(), head.lse.end());
            for (std::uint32_t t = 0; t < a.context; ++t)
                for (std::uint32_t c = 0; c < a.width; ++c)
                    expected[std::size_t{head.row + t} * y.cols + head.col + c] = head.mixed(t, c);
        }
    p.expect("attention", y, expected);
    p.expect("sums", a.lse, sums);
}

inline void add_attention_backward(Program& p) {
    const RandomAttention a(p);
    const Matrix dq = p.matrix(a.q.rows, a.q.cols), dk = p.matrix(a.k.rows, a.k.cols),
                 dv = p.matrix(a.k.rows, a.k.cols), dy = p.matrix(a.q.rows, a.q.cols), y = p.matrix(a.q.rows, a.q.cols);
    a.describe(p.op(OP_ATTENTION_BACKWARD, {dq, dk, dv, dy, y, a.lse, a.q, a.k, a.v}, dq.rows, dq.cols));
    Numbers of_q(std::size_t{dq.rows} * dq.cols), of_k(std::size_t{dk.rows} * dk.cols), of_v(of_k.size());
    for (std::uint32_t sequence = 0; sequence < a.batch; ++sequence)
        for (std::uint32_t i = 0; i < a.heads; ++i) {
            const AttentionHead head(p, a, sequence, i);
            for (std::uint32_t t = 0; t < a.context; ++t) {
                const std::uint32_t row = head.row + t;
                a.lse.at(sequence * a.heads + i, t) = static_cast<float>(head.lse[t]);
                for (std::uint32_t c = 0; c < a.width; ++c)
                    y.at(row, head.col + c) = static_cast<float>(head.mixed(t, c));
                const double dot =
                    sum_over(a.width, [&](auto c) { return dy.at(row, head.col + c) * head.mixed(t, c); });
                for (std::uint32_t s = 0; s < a.context; ++s) {
                    const double probability = head.probability(t, s);
                    const double dp =
                        sum_over(a.width, [&](auto c) { return dy.at(row, head.col + c) * head.key(a.v, s, c); });
                    const double dscore = head.slope(t, s) * probability * (dp - dot);
                    const std::size_t key = std::size_t{head.row + s} * dk.cols + head.key_col;
                    for (std::uint32_t c = 0; c < a.width; ++c) {
                        of_q[std::size_t{row} * dq.cols + head.col + c] += dscore * head.key(a.k, s, c);
                        of_k[key + c] += dscore * a.q.at(row, head.col + c);
                        of_v[key + c] += probability * dy.at(row, head.col + c);
                    }
                }
            }
        }
    // Of a query that sees one key, the terms of its gradient cancel; if all do, nothing else is left.
    const double cancelled = a.window == 1 ? 5e-3 : 5e-4;
    // Added up in DRAM where the keys come in several blocks, and rounded each time.
    p.expect("dq", dq, of_q, p.holds_bf16 ? 8e-3 : cancelled);
    p.expect("dk", dk, of_k, cancelled);
    p.expect("dv", dv, of_v, 5e-4);
}

/// A head with its loss, in double precision.
struct RandomHead {
    explicit RandomHead(Program& p)
        : tokens(p.number(1, 30)), vocabulary(p.number(0, 2) ? p.number(2, 60) : p.number(100, 500)),
          width(p.number(1, 30)), bf16(p.coin()), x(p.matrix(tokens, width)), w(p.matrix(vocabulary, width)),
          lse(p.matrix(1, tokens)), targets(p.indices(tokens, vocabulary)), weights(p.matrix(1, tokens)) {
        const bool rounds = bf16 && (p.chip.info.matrix_formats & INFO_FORMAT_BF16);
        const auto operand = [&](float value) { return rounds ? ip::from_bf16(ip::to_bf16(value)) : value; };
        xs = tabulate(tokens, width, [&](auto t, auto c) { return operand(x.at(t, c)); });
        ws = tabulate(vocabulary, width, [&](auto e, auto c) { return operand(w.at(e, c)); });
        for (std::uint32_t t = 0; t < tokens; ++t) {
            weights.at(0, t) = t % 5 == 4 ? 0 : std::abs(weights.at(0, t)); // padding has none
            Numbers logits;
            for (std::uint32_t e = 0; e < vocabulary; ++e)
                logits.push_back(sum_over(width, [&](auto c) { return xs[t * width + c] * ws[e * width + c]; }));
            sums.push_back(std::log(sum_over(vocabulary, [&](auto e) { return std::exp(logits[e]); })));
            for (const double logit : logits)
                shares.push_back(weights.at(0, t) * std::exp(logit - sums.back()));
        }
    }

    void describe(OpRecord& op) const {
        op.dims[2] = width;
        op.flags = bf16 ? OP_FLAG_BF16 : 0;
    }

    std::uint32_t tokens, vocabulary, width;
    bool bf16;
    Matrix x, w, lse, targets, weights;
    Numbers xs, ws, sums, shares; ///< shares: [tokens, vocabulary]
};

inline void add_head_loss(Program& p) {
    const RandomHead h(p);
    const Matrix loss = p.matrix(1, 1);
    h.describe(p.op(OP_HEAD_LOSS, {h.lse, loss, h.x, h.w, h.targets, h.weights}, h.tokens, h.vocabulary));
    p.expect("sums", h.lse, h.sums);
    const auto picked = [&](std::uint32_t t) {
        return sum_over(h.width, [&](auto c) { return double{h.x.at(t, c)} * h.w.at(h.targets.word(t), c); });
    };
    p.expect("loss", loss, {sum_over(h.tokens, [&](auto t) { return h.weights.at(0, t) * (h.sums[t] - picked(t)); })},
             1e-4);
}

inline void add_head_loss_backward(Program& p) {
    const RandomHead h(p);
    const Matrix dx = p.matrix(h.tokens, h.width), dw = p.matrix(h.vocabulary, h.width);
    OpRecord& op = p.op(OP_HEAD_LOSS_BACKWARD, {dx, dw, h.x, h.w, h.targets, h.weights, h.lse}, h.tokens, h.vocabulary);
    h.describe(op);
    const bool adds = maybe_accumulates(p, op, 1);
    for (std::uint32_t t = 0; t < h.tokens; ++t)
        h.lse.at(0, t) = static_cast<float>(h.sums[t]);
    const auto share = [&](std::uint32_t t, std::uint32_t e) { return h.shares[t * h.vocabulary + e]; };
    p.expect("dx", dx,
             tabulate(h.tokens, h.width,
                      [&](auto t, auto c) {
                          return sum_over(h.vocabulary, [&](auto e) { return share(t, e) * h.ws[e * h.width + c]; }) -
                                 h.weights.at(0, t) * h.w.at(h.targets.word(t), c);
                      }),
             5e-4);
    p.expect("dw", dw,
             tabulate(h.vocabulary, h.width,
                      [&](auto e, auto c) {
                          return sum_over(h.tokens,
                                          [&](auto t) {
                                              return share(t, e) * h.xs[t * h.width + c] -
                                                     (h.targets.word(t) == e ? h.weights.at(0, t) * h.x.at(t, c) : 0);
                                          }) +
                                 (adds ? dw.at(e, c) : 0);
                      }),
             5e-4);
}

} // namespace gradus::test
