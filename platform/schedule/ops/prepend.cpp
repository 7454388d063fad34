// SPDX-License-Identifier: Apache-2.0
// A learned row before the rows of each sequence, as the class of images has it: Dosovitskiy et al., An Image is Worth
// 16x16 Words, 2021, equation 1. dims: rows, columns, rows of a sequence with that one.
#include <vector>

#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {
namespace {

Extent others(const image_op& op) { return {std::uint64_t{op.dims[0]} / op.dims[2] * (op.dims[2] - 1), op.dims[1]}; }
Extent each_position(const image_op& op) { return {op.dims[2], op.dims[1]}; }

/// Row of x that is row r of y, which is not the first of its sequence.
std::uint32_t row_of_x(std::uint32_t r, std::uint32_t period) { return r - r / period - 1; }

template <class Number>
void differentiate_prepend(const Reference<Number>& of) {
    const auto dx = of.operand(0), dfirst = of.operand(1), dposition = of.operand(2), dy = of.operand(3);
    const std::uint32_t period = of.op.dims[2];
    for (std::uint32_t c = 0; c < of.cols(); ++c) {
        std::vector<Sum<Number>> sums(period);
        for (std::uint32_t r = 0; r < of.rows(); ++r) {
            const Number gradient = dy.at(r, c);
            sums[r % period].add(gradient);
            if (r % period != 0) dx.put(row_of_x(r, period), c, gradient);
        }
        dfirst.put(0, c, sums[0]);
        for (std::uint32_t p = 0; dposition.present() && p < period; ++p)
            dposition.put(p, c, sums[p]);
    }
}

} // namespace

/// y[r] = (r mod period = 0 ? first : the next row of x) [+ position[r mod period]]
OperatorDefinition prepend() {
    OperatorDefinition prepend;
    prepend.operands = {{"y", Role::writes, full},
                        {"x", Role::reads, others},
                        {"first", Role::reads, by_column},
                        {"position", Role::reads, each_position, true}};
    prepend.reference = [](const auto& of) {
        const auto y = of.operand(0), x = of.operand(1), first = of.operand(2), position = of.operand(3);
        const std::uint32_t period = of.op.dims[2];
        of.for_each([&](auto r, auto c) {
            const auto value = r % period == 0 ? first.at(0, c) : x.at(row_of_x(r, period), c);
            y.put(r, c, position.present() ? value + position.at(r % period, c) : value);
        });
    };
    prepend.differentiate = [](Derivation& d) {
        d.append(OP_PREPEND_BACKWARD, {d.share_of(1), d.share_of(2), d.share_of(3), d.gradient()}, d.settings());
    };
    return prepend;
}

/// dx: the rows of dy that are x's; dposition, dfirst: sums over sequences
OperatorDefinition prepend_backward() {
    OperatorDefinition backward;
    backward.operands = {{"dx", Role::writes, others},
                         {"dfirst", Role::writes, by_column},
                         {"dposition", Role::writes, each_position, true},
                         {"dy", Role::reads, full}};
    backward.reference = [](const auto& of) { differentiate_prepend(of); };
    return backward;
}

} // namespace gradus::schedule::ops
