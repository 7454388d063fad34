// SPDX-License-Identifier: Apache-2.0
// dims: rows, width, entries of the table, period of positions.
#include <stdexcept>
#include <vector>

#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {
namespace {

Extent table(const image_op& op) { return {op.dims[2], op.dims[1]}; }
Extent positions(const image_op& op) { return {op.dims[3], op.dims[1]}; }

template <class Number>
std::uint32_t token_of(const Reference<Number>& of, const ReferenceOperand<Number>& tokens, std::uint32_t row) {
    const std::uint32_t token = tokens.index(row);
    if (token >= of.op.dims[2]) throw std::out_of_range("a token outside the table");
    return token;
}

template <class Number>
void look_up(const Reference<Number>& of) {
    const auto out = of.operand(0), entries = of.operand(1), position = of.operand(2), tokens = of.operand(3);
    of.for_each_row(of.rows(), of.cols(), [&](std::uint32_t r) {
        const std::uint32_t token = token_of(of, tokens, r);
        for (std::uint32_t c = 0; c < of.cols(); ++c) {
            const Number entry = entries.at(token, c);
            out.put(r, c, position.present() ? entry + position.at(r % of.op.dims[3], c) : entry);
        }
    });
}

/// to[i] = sum of dout[r] over the rows in rows_of[i]
template <class Number>
void add_up(const Reference<Number>& of, const ReferenceOperand<Number>& to,
            const std::vector<std::vector<std::uint32_t>>& rows_of) {
    const auto dout = of.operand(2);
    of.for_each_row(rows_of.size(), of.cols(), [&](std::uint32_t i) {
        for (std::uint32_t c = 0; c < of.cols(); ++c) {
            Sum<Number> sum;
            for (const std::uint32_t row : rows_of[i])
                sum.add(dout.at(row, c));
            to.put(i, c, sum);
        }
    });
}

template <class Number>
void differentiate_lookup(const Reference<Number>& of) {
    const auto dposition = of.operand(1), tokens = of.operand(3);
    std::vector<std::vector<std::uint32_t>> by_token(of.op.dims[2]), by_position(of.op.dims[3]);
    for (std::uint32_t r = 0; r < of.rows(); ++r) {
        by_token[token_of(of, tokens, r)].push_back(r);
        if (dposition.present()) by_position[r % of.op.dims[3]].push_back(r);
    }
    add_up(of, of.operand(0), by_token);
    if (dposition.present()) add_up(of, dposition, by_position);
}

} // namespace

/// out[r] = table[tokens[r]] [+ position[r mod period]]
OperatorDefinition embed() {
    OperatorDefinition embed;
    embed.operands = {{"out", Role::writes, full},
                      {"table", Role::reads, table, false, true},
                      {"position", Role::reads, positions, true},
                      {"tokens", Role::reads, by_row}};
    embed.reference = [](const auto& of) { look_up(of); };
    embed.differentiate = [](Derivation& d) {
        d.append(OP_EMBED_BACKWARD, {d.share_of(1), d.share_of(2), d.gradient(), d.operand(3)}, d.settings());
    };
    return embed;
}

/// dtable is fp32: a scatter adds row by row, and a row may come many times.
/// dtable[t] = sum of dout[r] over rows r with token t; dposition[p] = sum of dout[r] over rows at position p
OperatorDefinition embed_backward() {
    OperatorDefinition backward;
    backward.operands = {{"dtable", Role::writes, table, false, false, true},
                         {"dposition", Role::writes, positions, true},
                         {"dout", Role::reads, full},
                         {"tokens", Role::reads, by_row}};
    backward.reference = [](const auto& of) { differentiate_lookup(of); };
    return backward;
}

} // namespace gradus::schedule::ops
