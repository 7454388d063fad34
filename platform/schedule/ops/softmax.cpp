// SPDX-License-Identifier: Apache-2.0
// dims: rows, columns, period; scalars: scale.
#include <algorithm>
#include <cmath>
#include <vector>

#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {

/// y = softmax(scale x) by rows. With OP_FLAG_CAUSAL, row r sees columns 0 to r mod period alone.
OperatorDefinition softmax() {
    OperatorDefinition softmax;
    softmax.operands = {{"y", Role::writes, full}, {"x", Role::reads, full}};
    softmax.reference = [](const Reference& of) {
        const auto y = of.operand(0), x = of.operand(1);
        const std::uint32_t cols = of.cols();
        for (std::uint32_t r = 0; r < of.rows(); ++r) {
            const bool causal = of.op.flags & OP_FLAG_CAUSAL;
            const std::uint32_t visible = causal ? std::min(cols, r % of.op.dims[2] + 1) : cols;
            std::vector<double> terms(cols, 0.0);
            double largest = x.at(r, 0), sum = 0;
            for (std::uint32_t c = 1; c < visible; ++c)
                largest = std::max(largest, x.at(r, c));
            for (std::uint32_t c = 0; c < visible; ++c)
                sum += terms[c] = std::exp((x.at(r, c) - largest) * of.op.scalar[0]);
            for (std::uint32_t c = 0; c < cols; ++c)
                y.put(r, c, terms[c] / sum);
        }
    };
    softmax.differentiate = [](Derivation& d) {
        OperatorSettings settings = d.settings();
        settings.flags = 0; // what is hidden has y = 0 and so no gradient
        d.append(OP_SOFTMAX_BACKWARD, {d.share_of(1), d.gradient(), d.operand(0)}, settings);
    };
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
