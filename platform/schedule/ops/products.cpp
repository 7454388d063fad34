// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/ops/products.h"

#include <cmath>

namespace gradus::schedule {

void multiply_add(std::size_t m, std::size_t n, std::size_t k, const double* a, const double* b, double* c) {
    constexpr std::size_t together = 4, block = 64; // rows of b at a time; of those, as many as a cache holds
    for (std::size_t first = 0; first < k; first += block) {
        const std::size_t end = std::min(k, first + block);
        for (std::size_t row = 0; row < m; ++row) {
            double* __restrict__ const sums = c + row * n;
            const double* const factors = a + row * k;
            std::size_t x = first;
            for (; x + together <= end; x += together) {
                const double f0 = factors[x], f1 = factors[x + 1], f2 = factors[x + 2], f3 = factors[x + 3];
                const double *const b0 = b + x * n, *const b1 = b0 + n, *const b2 = b1 + n, *const b3 = b2 + n;
                for (std::size_t col = 0; col < n; ++col)
                    sums[col] += (f0 * b0[col] + f1 * b1[col]) + (f2 * b2[col] + f3 * b3[col]);
            }
            for (; x < end; ++x)
                for (std::size_t col = 0; col < n; ++col)
                    sums[col] += factors[x] * b[x * n + col];
        }
    }
}

std::vector<Sum<double>> product(std::size_t m, std::size_t n, std::size_t k, const std::vector<double>& a,
                                 const std::vector<double>& b) {
    std::vector<double> c(m * n);
    multiply_add(m, n, k, a.data(), b.data(), c.data());
    std::vector<Sum<double>> sums(m * n);
    for (std::size_t i = 0; i < sums.size(); ++i)
        sums[i].add(c[i]);
    return sums;
}

/// The errors of `a` go into the magnitudes: as many roundings as a sum has make what they make of it.
std::vector<Sum<Bounded>> product(std::size_t m, std::size_t n, std::size_t k, const std::vector<Bounded>& a,
                                  const std::vector<double>& b) {
    const double roundings = static_cast<double>(k + 1) * fp32_roundoff;
    std::vector<double> values(m * k), magnitudes(m * k), others(k * n), c(m * n), bounds(m * n);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = a[i].value;
        magnitudes[i] = std::abs(a[i].value) + a[i].error / roundings;
    }
    for (std::size_t i = 0; i < others.size(); ++i)
        others[i] = std::abs(b[i]);
    multiply_add(m, n, k, values.data(), b.data(), c.data());
    multiply_add(m, n, k, magnitudes.data(), others.data(), bounds.data());
    std::vector<Sum<Bounded>> sums(m * n);
    for (std::size_t i = 0; i < sums.size(); ++i)
        sums[i].add_products(c[i], bounds[i], k);
    return sums;
}

} // namespace gradus::schedule
