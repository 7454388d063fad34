// SPDX-License-Identifier: Apache-2.0
// Keys and values of grouped-query attention, which several heads of queries share: Ainslie et al., GQA, 2023.
// dims: rows, columns of the result, width of a head, heads that share one.
#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {
namespace {

Extent fewer(const image_op& op) { return {op.dims[0], op.dims[1] / op.dims[3]}; }
Extent more(const image_op& op) { return {op.dims[0], std::uint64_t{op.dims[1]} * op.dims[3]}; }

} // namespace

/// Head h of y is head h / group of x.
OperatorDefinition repeat() {
    OperatorDefinition repeat;
    repeat.operands = {{"y", Role::writes, full}, {"x", Role::reads, fewer}};
    repeat.reference = [](const auto& of) {
        const auto y = of.operand(0), x = of.operand(1);
        const std::uint32_t head = of.op.dims[2], group = of.op.dims[3];
        of.for_each([&](auto r, auto c) { y.put(r, c, x.at(r, c / head / group * head + c % head)); });
    };
    repeat.differentiate = [](Derivation& d) {
        const auto [rows, cols, head, group] = d.dims<4>();
        d.append(OP_REPEAT_BACKWARD, {d.share_of(1), d.gradient()}, {rows, cols / group, head, group});
    };
    return repeat;
}

/// Head h of dx is the sum of heads h group to h group + group - 1 of dy.
OperatorDefinition repeat_backward() {
    OperatorDefinition backward;
    backward.operands = {{"dx", Role::writes, full}, {"dy", Role::reads, more}};
    backward.reference = [](const auto& of) {
        const auto dx = of.operand(0), dy = of.operand(1);
        const std::uint32_t head = of.op.dims[2], group = of.op.dims[3];
        of.for_each([&](auto r, auto c) {
            auto sum = dy.at(r, c / head * group * head + c % head);
            for (std::uint32_t g = 1; g < group; ++g)
                sum = sum + dy.at(r, (c / head * group + g) * head + c % head);
            dx.put(r, c, sum);
        });
    };
    return backward;
}

} // namespace gradus::schedule::ops
