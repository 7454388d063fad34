// SPDX-License-Identifier: Apache-2.0
#include "platform/replay/latency_histogram.h"

#include <algorithm>
#include <cmath>

namespace gradus::replay {

void LatencyHistogram::add(ip::Picoseconds latency) {
    ++counts_[class_of(latency)];
    ++count_;
    sum_ += static_cast<double>(latency);
    max_ = std::max(max_, latency);
}

// Below 2^class_bits every latency is a class. Above, a power of two has 2^class_bits of them: the bits behind the
// first.
std::size_t LatencyHistogram::class_of(ip::Picoseconds latency) {
    if (latency < classes) return latency;
    const unsigned shift = 63 - static_cast<unsigned>(__builtin_clzll(latency)) - class_bits;
    return (shift + 1) * classes + ((latency >> shift) - classes);
}

ip::Picoseconds LatencyHistogram::largest_of(std::size_t index) {
    if (index < classes) return index;
    const std::size_t shift = index / classes - 1;
    return ((index % classes + classes + 1) << shift) - 1;
}

ip::Picoseconds LatencyHistogram::quantile(double share) const {
    if (count_ == 0) return 0;
    const auto wanted = std::max(1.0, std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t index = 0; index < counts_.size(); ++index) {
        seen += counts_[index];
        if (static_cast<double>(seen) >= wanted) return std::min(largest_of(index), max_);
    }
    return max_;
}

} // namespace gradus::replay
