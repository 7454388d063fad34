// SPDX-License-Identifier: Apache-2.0
// dims: rows, columns, ACTIVATION_*.
#include <cmath>
#include <stdexcept>

#include "platform/schedule/derivation.h"
#include "platform/schedule/ops/definition.h"
#include "platform/schedule/ops/reference.h"

namespace gradus::schedule::ops {
namespace {

// GELU by tanh: Hendrycks and Gimpel, Gaussian Error Linear Units, 2016, section 2.
constexpr double gelu_slope = 0.7978845608028654; // sqrt(2 / pi)
constexpr double gelu_cubic = 0.044715;

/// GELU as it is defined is x normal_below(x); this is the slope of the latter.
template <class Number>
Number normal_density(Number x) {
    using std::exp;
    return constant<Number>(0.3989422804014327) * exp(-0.5 * x * x); // 1 / sqrt(2 pi)
}

template <class Number>
Number gelu_tanh(Number x) {
    using std::tanh;
    return tanh(constant<Number>(gelu_slope) * (x + constant<Number>(gelu_cubic) * x * x * x));
}

template <class Number>
Number activate(std::uint32_t activation, Number x) {
    using std::exp;
    switch (activation) {
    case ACTIVATION_RELU:
        return x < 0 ? Number(0) : x;
    case ACTIVATION_GELU:
        return 0.5 * x * (1 + gelu_tanh(x));
    case ACTIVATION_SILU:
        return x / (1 + exp(-x));
    case ACTIVATION_RELU_SQUARED:
        return x < 0 ? Number(0) : x * x;
    case ACTIVATION_GELU_ERF:
        return x * normal_below(x);
    default:
        throw std::invalid_argument("unknown activation");
    }
}

template <class Number>
Number slope(std::uint32_t activation, Number x) {
    using std::exp;
    switch (activation) {
    case ACTIVATION_RELU:
        return x > 0 ? 1.0 : 0.0;
    case ACTIVATION_GELU: {
        const Number t = gelu_tanh(x);
        const Number inner = constant<Number>(gelu_slope) * (1 + 3 * constant<Number>(gelu_cubic) * x * x);
        return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * inner;
    }
    case ACTIVATION_SILU: {
        const Number s = 1 / (1 + exp(-x));
        return s * (1 + x * (1 - s));
    }
    case ACTIVATION_RELU_SQUARED:
        return x > 0 ? 2 * x : Number(0);
    case ACTIVATION_GELU_ERF:
        return normal_below(x) + x * normal_density(x);
    default:
        throw std::invalid_argument("unknown activation");
    }
}

} // namespace

/// y = f(x)
OperatorDefinition activation() {
    OperatorDefinition activation;
    activation.operands = {{"y", Role::writes, full}, {"x", Role::reads, full}};
    activation.reference = [](const auto& of) {
        const auto y = of.operand(0), x = of.operand(1);
        of.for_each([&](auto r, auto c) { y.put(r, c, activate(of.op.dims[2], x.at(r, c))); });
    };
    activation.differentiate = [](Derivation& d) {
        d.append(OP_ACTIVATION_BACKWARD, {d.share_of(1), d.gradient(), d.operand(1)}, d.settings());
    };
    return activation;
}

/// dx = f'(x) dy
OperatorDefinition activation_backward() {
    OperatorDefinition backward;
    backward.operands = {{"dx", Role::writes, full}, {"dy", Role::reads, full}, {"x", Role::reads, full}};
    backward.reference = [](const auto& of) {
        const auto dx = of.operand(0), dy = of.operand(1), x = of.operand(2);
        of.for_each([&](auto r, auto c) { dx.put(r, c, dy.at(r, c) * slope(of.op.dims[2], x.at(r, c))); });
    };
    return backward;
}

} // namespace gradus::schedule::ops
