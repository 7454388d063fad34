// SPDX-License-Identifier: Apache-2.0
// How far computed tensors may be from true ones.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace gradus::test {

struct Tolerance {
    double norm = 0;    ///< of the difference, relative to the true tensor's norm
    double element = 0; ///< of every element, relative to the element
    double floor = 0;   ///< and, added to that, relative to the tensor's largest element
    double noise = 0;   ///< and an absolute one, for what cancels out: a key's bias does not move the softmax
};

inline void expect_close(const std::string& name, const std::vector<float>& computed, const std::vector<double>& truth,
                         const Tolerance& tolerance) {
    ASSERT_EQ(computed.size(), truth.size()) << name;
    double error = 0;
    double norm = 0;
    double largest = 0;
    for (const double value : truth)
        largest = std::max(largest, std::abs(value));
    std::size_t far_off = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
        const double difference = std::abs(static_cast<double>(computed[i]) - truth[i]);
        error += difference * difference;
        norm += truth[i] * truth[i];
        // Written so that a NaN is far off.
        if (difference <= tolerance.element * std::abs(truth[i]) + tolerance.floor * largest + tolerance.noise)
            continue;
        if (++far_off == 1) ADD_FAILURE() << name << "[" << i << "] is " << computed[i] << ", not " << truth[i];
    }
    EXPECT_EQ(far_off, 0u) << "elements of " << name;
    EXPECT_LE(std::sqrt(error),
              tolerance.norm * std::sqrt(norm) + tolerance.noise * std::sqrt(static_cast<double>(truth.size())))
        << name;
}

} // namespace gradus::test
