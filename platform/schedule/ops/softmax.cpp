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
template <class Visible>
void softmax_of_rows(const Reference& of, Visible visible) {
    const auto y = of.operand(0), x = of.operand(1);
    for (std::uint32_t r = 0; r < of.rows(); ++r) {
        const auto [first, end] = visible(r);
        std::vector<double> terms(of.cols(), 0.0);
        double largest = x.at(r, first), sum = 0;
        for (std::uint32_t c = first + 1; c < end; ++c)
            largest = std::max(largest, x.at(r, c));
        for (std::uint32_t c = first; c < end; ++c)
            sum += terms[c] = std::exp((x.at(r, c) - largest) * of.op.scalar[0]);
        for (std::uint32_t c = 0; c < of.cols(); ++c)
            y.put(r, c, terms[c] / sum);
    }
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
    softmax.reference = [](const Reference& of) {
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
    softmax.reference = [](const Reference& of) {
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
    backward.reference = [](const Reference& of) {
        const auto dx = of.operand(0), dy = of.operand(1), y = of.operand(2);
        for (std::uint32_t r = 0; r < of.rows(); ++r) {
            double dot = 0;
            for (std::uint32_t c = 0; c < of.cols(); ++c)
                dot += dy.at(r, c) * y.at(r, c);
            for (std::uint32_t c = 0; c < of.cols(); ++c)
                dx.put(r, c, of.op.scalar[0] * y.at(r, c) * (dy.at(r, c) - dot));
        }
    };
    return backward;
}

} // namespace gradus::schedule::ops
