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

std::uint32_t token_of(const Reference& of, const ReferenceOperand& tokens, std::uint32_t row) {
    const std::uint32_t token = tokens.index(row);
    if (token >= of.op.dims[2]) throw std::out_of_range("a token outside the table");
    return token;
}

} // namespace

/// out[r] = table[tokens[r]] [+ position[r mod period]]
OperatorDefinition embed() {
    OperatorDefinition embed;
    embed.operands = {{"out", Role::writes, full},
                      {"table", Role::reads, table, false, true},
                      {"position", Role::reads, positions, true},
                      {"tokens", Role::reads, by_row}};
    embed.reference = [](const Reference& of) {
        const auto out = of.operand(0), entries = of.operand(1), position = of.operand(2), tokens = of.operand(3);
        of.for_each([&](auto r, auto c) {
            const double place = position.present() ? position.at(r % of.op.dims[3], c) : 0;
            out.put(r, c, entries.at(token_of(of, tokens, r), c) + place);
        });
    };
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
    backward.reference = [](const Reference& of) {
        const auto dtable = of.operand(0), dposition = of.operand(1), dout = of.operand(2), tokens = of.operand(3);
        for (std::uint32_t c = 0; c < of.cols(); ++c) {
            std::vector<double> by_token(of.op.dims[2]), by_position(of.op.dims[3]);
            for (std::uint32_t r = 0; r < of.rows(); ++r) {
                by_token[token_of(of, tokens, r)] += dout.at(r, c);
                if (dposition.present()) by_position[r % of.op.dims[3]] += dout.at(r, c);
            }
            for (std::uint32_t t = 0; t < of.op.dims[2]; ++t)
                dtable.put(t, c, by_token[t]);
            for (std::uint32_t p = 0; dposition.present() && p < of.op.dims[3]; ++p)
                dposition.put(p, c, by_position[p]);
        }
    };
    return backward;
}

} // namespace gradus::schedule::ops
