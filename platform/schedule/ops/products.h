// SPDX-License-Identifier: Apache-2.0
// Products of matrices for references, in an order that caches like.
#pragma once

#include <cstddef>
#include <vector>

#include "platform/schedule/ops/rounding.h"

namespace gradus::schedule {

/// c[m, n] += a[m, k] b[k, n], each row after row without gaps.
void multiply_add(std::size_t m, std::size_t n, std::size_t k, const double* a, const double* b, double* c);

/// [m, n], row after row. Of b nothing is rounded before.
std::vector<Sum<double>> product(std::size_t m, std::size_t n, std::size_t k, const std::vector<double>& a,
                                 const std::vector<double>& b);
std::vector<Sum<Bounded>> product(std::size_t m, std::size_t n, std::size_t k, const std::vector<Bounded>& a,
                                  const std::vector<double>& b);

/// The scalar product of two vectors of which nothing is rounded before.
template <class Number>
Sum<Number> dot(std::size_t count, const double* a, const double* b) {
    double sum = 0, magnitude = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const double term = a[i] * b[i];
        sum += term;
        magnitude += std::abs(term);
    }
    Sum<Number> result;
    result.add_products(sum, magnitude, count);
    return result;
}

} // namespace gradus::schedule
