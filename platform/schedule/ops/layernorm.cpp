// SPDX-License-Identifier: Apache-2.0
// Ba, Kiros and Hinton, Layer Normalization, 2016. Scalars: epsilon.
#include <cmath>
#include <vector>

#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {
namespace {

template <class Number>
void apply_layernorm(const Reference<Number>& of) {
    using std::sqrt;
    const auto y = of.operand(0), x = of.operand(1), means = of.operand(2), rstds = of.operand(3);
    const auto gain = of.operand(4), bias = of.operand(5);
    const std::uint32_t cols = of.cols();
    of.for_each_row(of.rows(), cols, [&](std::uint32_t r) {
        Sum<Number> sum, squares;
        for (std::uint32_t c = 0; c < cols; ++c)
            sum.add(x.at(r, c));
        const Number mean = sum.total() / cols;
        for (std::uint32_t c = 0; c < cols; ++c)
            squares.add((x.at(r, c) - mean) * (x.at(r, c) - mean));
        const Number rstd = 1 / sqrt(squares.total() / cols + of.op.scalar[0]);
        if (means.present()) means.put(r, 0, mean);
        if (rstds.present()) rstds.put(r, 0, rstd);
        for (std::uint32_t c = 0; c < cols; ++c) {
            Number scaled = (x.at(r, c) - mean) * rstd;
            if (gain.present()) scaled = scaled * gain.at(0, c);
            y.put(r, c, bias.present() ? scaled + bias.at(0, c) : scaled);
        }
    });
}

template <class Number>
void differentiate_layernorm(const Reference<Number>& of) {
    const auto dx = of.operand(0), dy = of.operand(1), x = of.operand(2), mean = of.operand(3), rstd = of.operand(4);
    const auto gain = of.operand(5), dgain = of.operand(6), dbias = of.operand(7);
    const std::uint32_t cols = of.cols();
    std::vector<Sum<Number>> gain_gradient(cols), bias_gradient(cols);
    std::vector<Number> g(cols), normalized(cols);
    for (std::uint32_t r = 0; r < of.rows(); ++r) {
        Sum<Number> sum, dot;
        for (std::uint32_t c = 0; c < cols; ++c) {
            normalized[c] = (x.at(r, c) - mean.at(r, 0)) * rstd.at(r, 0);
            g[c] = gain.present() ? dy.at(r, c) * gain.at(0, c) : dy.at(r, c);
            gain_gradient[c].add(dy.at(r, c) * normalized[c]);
            bias_gradient[c].add(dy.at(r, c));
            sum.add(g[c]);
            dot.add(g[c] * normalized[c]);
        }
        const Number mean_of_g = sum.total() / cols, mean_of_dot = dot.total() / cols;
        for (std::uint32_t c = 0; c < cols; ++c)
            dx.put(r, c, rstd.at(r, 0) * (g[c] - mean_of_g - normalized[c] * mean_of_dot));
    }
    for (std::uint32_t c = 0; c < cols; ++c) {
        if (dgain.present()) dgain.put(0, c, gain_gradient[c]);
        if (dbias.present()) dbias.put(0, c, bias_gradient[c]);
    }
}

} // namespace

/// y = (x - mean) rstd [* gain] [+ bias] with rstd = 1 / sqrt(mean((x - mean)^2) + epsilon), means by rows
OperatorDefinition layernorm() {
    OperatorDefinition norm;
    norm.operands = {{"y", Role::writes, full},
                     {"x", Role::reads, full},
                     {"mean", Role::writes, by_row, true},
                     {"rstd", Role::writes, by_row, true},
                     {"gain", Role::reads, by_column, true},
                     {"bias", Role::reads, by_column, true}};
    norm.reference = [](const auto& of) { apply_layernorm(of); };
    norm.differentiate = [](Derivation& d) {
        d.append(OP_LAYERNORM_BACKWARD,
                 {d.share_of(1), d.gradient(), d.operand(1), d.operand(2), d.operand(3), d.operand(4), d.share_of(4),
                  d.share_of(5)},
                 d.settings());
    };
    return norm;
}

/// g = dy [* gain], xhat = (x - mean) rstd:
///   dx = rstd (g - mean(g) - xhat mean(g xhat)), dgain = column sums of dy xhat, dbias = column sums of dy
OperatorDefinition layernorm_backward() {
    OperatorDefinition backward;
    backward.operands = {{"dx", Role::writes, full},
                         {"dy", Role::reads, full},
                         {"x", Role::reads, full},
                         {"mean", Role::reads, by_row},
                         {"rstd", Role::reads, by_row},
                         {"gain", Role::reads, by_column, true},
                         {"dgain", Role::writes, by_column, true},
                         {"dbias", Role::writes, by_column, true}};
    backward.reference = [](const auto& of) { differentiate_layernorm(of); };
    return backward;
}

} // namespace gradus::schedule::ops
