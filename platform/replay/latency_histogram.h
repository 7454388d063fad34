// SPDX-License-Identifier: Apache-2.0
// How often which latency occurred, in constant memory: classes of at most 1/128 (0.8 %) of their latency.
#pragma once

#include <array>
#include <cstdint>

#include "ip/common/units.h"

namespace gradus::replay {

class LatencyHistogram {
public:
    void add(ip::Picoseconds latency);

    std::uint64_t count() const { return count_; }
    double mean() const { return count_ ? sum_ / static_cast<double>(count_) : 0; } ///< in ps
    ip::Picoseconds max() const { return max_; }
    /// The latency that `share` (0 to 1) of all do not exceed: at least the true one, and at most 0.8 % more. 0 without
    /// any.
    ip::Picoseconds quantile(double share) const;

private:
    static constexpr unsigned class_bits = 7; ///< of a power of two
    static constexpr std::size_t classes = std::size_t{1} << class_bits;
    static std::size_t class_of(ip::Picoseconds latency);
    static ip::Picoseconds largest_of(std::size_t index);

    std::array<std::uint64_t, (64 - class_bits + 1) * classes> counts_{};
    std::uint64_t count_ = 0;
    double sum_ = 0;
    ip::Picoseconds max_ = 0;
};

} // namespace gradus::replay
