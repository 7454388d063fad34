// SPDX-License-Identifier: Apache-2.0
// What is known of a whole sequence stands in its first row. dims: rows of the result, columns, rows of a sequence.
#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {
namespace {

Extent sequences(const image_op& op) { return {std::uint64_t{op.dims[0]} * op.dims[2], op.dims[1]}; }

} // namespace

/// y[s] = x[s period]
OperatorDefinition first_rows() {
    OperatorDefinition first_rows;
    first_rows.operands = {{"y", Role::writes, full}, {"x", Role::reads, sequences, false, true}};
    first_rows.reference = [](const auto& of) {
        const auto y = of.operand(0), x = of.operand(1);
        of.for_each([&](auto s, auto c) { y.put(s, c, x.at(std::uint64_t{s} * of.op.dims[2], c)); });
    };
    first_rows.differentiate = [](Derivation& d) {
        const auto [sequences, cols, period] = d.dims<3>();
        d.append(OP_FIRST_ROWS_BACKWARD, {d.share_of(1), d.gradient()}, {sequences * period, cols, period});
    };
    return first_rows;
}

/// dx[r] = r mod period = 0 ? dy[r / period] : 0
OperatorDefinition first_rows_backward() {
    OperatorDefinition backward;
    backward.operands = {{"dx", Role::writes, full, false, false, true},
                         {"dy", Role::reads, [](const image_op& op) {
                              return Extent{op.dims[0] / op.dims[2], op.dims[1]};
                          }}};
    backward.reference = [](const auto& of) {
        const auto dx = of.operand(0), dy = of.operand(1);
        const std::uint32_t period = of.op.dims[2];
        of.for_each([&](auto r, auto c) { dx.put(r, c, r % period == 0 ? dy.exact(r / period, c) : 0); });
    };
    return backward;
}

} // namespace gradus::schedule::ops
