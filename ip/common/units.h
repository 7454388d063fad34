// SPDX-License-Identifier: Apache-2.0
// Units shared by every timing core. Cores are free of SystemC; simulated time is an integer count of picoseconds, the
// kernel's default resolution.
#pragma once

#include <cstdint>

namespace gradus::ip {

using Cycles = std::uint64_t;
using Picoseconds = std::uint64_t;
using Bytes = std::uint64_t;

/// A clock domain: its period, and nothing else, says what a cycle is. A frequency that does not divide a terahertz is
/// rounded to the nearest picosecond of period; hertz() is what comes of it.
struct Clock {
    Picoseconds period = 1000;

    static constexpr Clock from_hertz(double hertz) { return {static_cast<Picoseconds>(1e12 / hertz + 0.5)}; }
    static constexpr Clock from_megahertz(double megahertz) { return from_hertz(megahertz * 1e6); }
    constexpr double hertz() const { return 1e12 / static_cast<double>(period); }

    constexpr Picoseconds operator()(Cycles cycles) const { return cycles * period; }
    /// How many cycles a time is: whole ones that have passed, whole ones that hold it, and exactly.
    constexpr Cycles floor_cycles(Picoseconds time) const { return time / period; }
    constexpr Cycles ceil_cycles(Picoseconds time) const { return (time + period - 1) / period; }
    constexpr double cycles(Picoseconds time) const { return static_cast<double>(time) / static_cast<double>(period); }
    /// The first edge at or after `time`.
    constexpr Picoseconds edge(Picoseconds time) const { return ceil_cycles(time) * period; }
};

constexpr std::uint64_t ceil_div(std::uint64_t dividend, std::uint64_t divisor) {
    return (dividend + divisor - 1) / divisor;
}

} // namespace gradus::ip
