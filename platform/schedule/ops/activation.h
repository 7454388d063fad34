// SPDX-License-Identifier: Apache-2.0
// Activations of a double, or of a number with a bound, by ACTIVATION_*. std::invalid_argument for an unknown one.
#pragma once

#include <cmath>
#include <cstdint>
#include <stdexcept>

#include "firmware/include/schedule_image.h"
#include "platform/schedule/ops/rounding.h"

namespace gradus::schedule::ops {

// GELU by tanh: Hendrycks and Gimpel, Gaussian Error Linear Units, 2016, section 2.
inline constexpr double gelu_slope = 0.7978845608028654; // sqrt(2 / pi)
inline constexpr double gelu_cubic = 0.044715;

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

/// f(x)
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

/// f'(x)
template <class Number>
Number activation_slope(std::uint32_t activation, Number x) {
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

} // namespace gradus::schedule::ops
