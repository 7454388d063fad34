// SPDX-License-Identifier: Apache-2.0
// dims: rows, columns, period, window; scalars: scale.
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {

namespace {

/// y = softmax(scale x) by rows, of columns `first` to `end` - 1 of row r, as `visible(r)` says.
template <class Number, class Visible>
void softmax_of_rows(const Reference<Number>& of, Visible visible) {
    using std::exp;
    const auto y = of.operand(0), x = of.operand(1);
    const Number scale = of.op.scalar[0];
    of.for_each_row(of.rows(), of.cols(), [&](std::uint32_t r) {
        const auto [first, end] = visible(r);
        std::vector<Number> terms(of.cols(), Number(0));
        Number largest = scale * x.at(r, first);
        for (std::uint32_t c = first + 1; c < end; ++c)
            largest = std::max(largest, scale * x.at(r, c));
        Sum<Number> sum;
        for (std::uint32_t c = first; c < end; ++c)
            sum.add(terms[c] = exp(scale * x.at(r, c) - largest));
        const Number share = 1 / sum.total();
        for (std::uint32_t c = 0; c < of.cols(); ++c)
            y.put(r, c, c < first || c >= end ? Number(0) : terms[c] * share);
    });
}

template <class Number>
void differentiate_rows(const Reference<Number>& of) {
    const auto dx = of.operand(0), dy = of.operand(1), y = of.operand(2);
    const Number scale = of.op.scalar[0];
    of.for_each_row(of.rows(), of.cols(), [&](std::uint32_t r) {
        Sum<Number> sum;
        for (std::uint32_t c = 0; c < of.cols(); ++c)
            sum.add(dy.at(r, c) * y.at(r, c));
        const Number dot = sum.total();
        for (std::uint32_t c = 0; c < of.cols(); ++c)
            dx.put(r, c, scale * y.at(r, c) * (dy.at(r, c) - dot));
    });
}

/// What is hidden has y = 0 and so no gradient.
void differentiate(Derivation& d) {
    OperatorSettings settings = d.settings();
    settings.flags = 0;
    d.append(OP_SOFTMAX_BACKWARD, {d.share_of(1), d.gradient(), d.operand(0)}, settings);
}

} // namespace

/// y = softmax(scale x) by rows. With OP_FLAG_CAUSAL, row r sees columns 0 to r mod period alone.
OperatorDefinition softmax() {
    OperatorDefinition softmax;
    softmax.operands = {{"y", Role::writes, full}, {"x", Role::reads, full}};
    softmax.reference = [](const auto& of) {
        softmax_of_rows(of, [&](std::uint32_t r) {
            const bool causal = of.op.flags & OP_FLAG_CAUSAL;
            return std::pair{0u, causal ? std::min(of.cols(), r % of.op.dims[2] + 1) : of.cols()};
        });
    };
    softmax.differentiate = differentiate;
    return softmax;
}

/// y = softmax(scale x) by rows. Row r, at p = r mod period, sees columns p - window + 1 to p; there are `period`.
OperatorDefinition window_softmax() {
    OperatorDefinition softmax;
    softmax.operands = {{"y", Role::writes, full}, {"x", Role::reads, full}};
    softmax.reference = [](const auto& of) {
        softmax_of_rows(of, [&](std::uint32_t r) {
            const std::uint32_t position = r % of.op.dims[2], window = std::min(of.op.dims[3], position + 1);
            return std::pair{position + 1 - window, position + 1};
        });
    };
    softmax.differentiate = differentiate;
    return softmax;
}

/// dx = scale y (dy - rowsum(dy y))
OperatorDefinition softmax_backward() {
    OperatorDefinition backward;
    backward.operands = {{"dx", Role::writes, full}, {"dy", Role::reads, full}, {"y", Role::reads, full}};
    backward.reference = [](const auto& of) { differentiate_rows(of); };
    return backward;
}

} // namespace gradus::schedule::ops
