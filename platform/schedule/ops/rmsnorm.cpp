// SPDX-License-Identifier: Apache-2.0
// Zhang and Sennrich, Root Mean Square Layer Normalization, 2019. Scalars: epsilon.
#include <cmath>
#include <vector>

#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {
namespace {

template <class Number>
void apply_rmsnorm(const Reference<Number>& of) {
    using std::sqrt;
    const auto y = of.operand(0), x = of.operand(1), rstd = of.operand(2), gain = of.operand(3);
    of.for_each_row(of.rows(), of.cols(), [&](std::uint32_t r) {
        Sum<Number> squares;
        for (std::uint32_t c = 0; c < of.cols(); ++c)
            squares.add(x.at(r, c) * x.at(r, c));
        const Number scale = 1 / sqrt(squares.total() / of.cols() + of.op.scalar[0]);
        if (rstd.present()) rstd.put(r, 0, scale);
        for (std::uint32_t c = 0; c < of.cols(); ++c) {
            const Number scaled = x.at(r, c) * scale;
            y.put(r, c, gain.present() ? scaled * gain.at(0, c) : scaled);
        }
    });
}

template <class Number>
void differentiate_rmsnorm(const Reference<Number>& of) {
    const auto dx = of.operand(0), dy = of.operand(1), x = of.operand(2), rstd = of.operand(3);
    const auto gain = of.operand(4), dgain = of.operand(5);
    const std::uint32_t cols = of.cols();
    std::vector<Sum<Number>> gain_gradient(cols);
    std::vector<Number> g(cols), normalized(cols);
    for (std::uint32_t r = 0; r < of.rows(); ++r) {
        const Number scale = rstd.at(r, 0);
        Sum<Number> dot;
        for (std::uint32_t c = 0; c < cols; ++c) {
            normalized[c] = x.at(r, c) * scale;
            g[c] = gain.present() ? dy.at(r, c) * gain.at(0, c) : dy.at(r, c);
            gain_gradient[c].add(dy.at(r, c) * normalized[c]);
            dot.add(g[c] * normalized[c]);
        }
        const Number mean_of_dot = dot.total() / cols;
        for (std::uint32_t c = 0; c < cols; ++c)
            dx.put(r, c, scale * (g[c] - normalized[c] * mean_of_dot));
    }
    for (std::uint32_t c = 0; dgain.present() && c < cols; ++c)
        dgain.put(0, c, gain_gradient[c]);
}

} // namespace

/// y = x rstd [* gain] with rstd = 1 / sqrt(mean(x^2) + epsilon), means by rows
OperatorDefinition rmsnorm() {
    OperatorDefinition norm;
    norm.operands = {{"y", Role::writes, full},
                     {"x", Role::reads, full},
                     {"rstd", Role::writes, by_row, true},
                     {"gain", Role::reads, by_column, true}};
    norm.reference = [](const auto& of) { apply_rmsnorm(of); };
    norm.differentiate = [](Derivation& d) {
        d.append(OP_RMSNORM_BACKWARD,
                 {d.share_of(1), d.gradient(), d.operand(1), d.operand(2), d.operand(3), d.share_of(3)}, d.settings());
    };
    return norm;
}

/// g = dy [* gain], xhat = x rstd: dx = rstd (g - xhat mean(g xhat)), dgain = column sums of dy xhat
OperatorDefinition rmsnorm_backward() {
    OperatorDefinition backward;
    backward.operands = {{"dx", Role::writes, full},
                         {"dy", Role::reads, full},
                         {"x", Role::reads, full},
                         {"rstd", Role::reads, by_row},
                         {"gain", Role::reads, by_column, true},
                         {"dgain", Role::writes, by_column, true}};
    backward.reference = [](const auto& of) { differentiate_rmsnorm(of); };
    return backward;
}

} // namespace gradus::schedule::ops
