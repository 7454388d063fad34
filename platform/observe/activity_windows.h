// SPDX-License-Identifier: Apache-2.0
// Amounts over time in bounded memory: at most 512 windows of equal width, in rows that share them. When the run
// outgrows the windows, neighbours are merged and the width doubles. What lies in several windows is spread evenly, in
// whole numbers; so the sum over the windows of a row is exactly what was added to it.
#pragma once

#include <cstdint>
#include <vector>

#include "ip/common/units.h"

namespace gradus::observe {

class ActivityWindows {
public:
    static constexpr std::size_t most = 512;

    explicit ActivityWindows(std::size_t rows);

    /// `amount` evenly over [begin, end); all of it in the window of `begin` if that is empty.
    void add(std::size_t row, ip::Picoseconds begin, ip::Picoseconds end, std::uint64_t amount);
    /// The time [begin, end) itself: `first_time` of it, evenly mixed, to the row `first`, the rest to `second`. So no
    /// window gets more time than it is long.
    void add_mixture(std::size_t first, std::size_t second, ip::Picoseconds begin, ip::Picoseconds end,
                     ip::Picoseconds first_time);
    /// Takes back what was added last: `amount`, from the last windows that hold any.
    void take_back(std::size_t row, std::uint64_t amount);

    ip::Picoseconds width() const { return ip::Picoseconds{1} << shift_; }
    /// Whether both lie in one window.
    bool same_window(ip::Picoseconds one, ip::Picoseconds other) const { return one >> shift_ == other >> shift_; }
    /// As many windows as it takes to hold `time`.
    std::size_t count(ip::Picoseconds time) const { return static_cast<std::size_t>((time + width() - 1) >> shift_); }
    /// All windows, the first count(time) of which are used.
    const std::vector<std::uint64_t>& row(std::size_t index) const { return rows_[index]; }

private:
    void reach(ip::Picoseconds last);

    unsigned shift_ = 10; ///< a window is 2^shift_ ps long
    std::vector<std::vector<std::uint64_t>> rows_;
};

} // namespace gradus::observe
