// SPDX-License-Identifier: Apache-2.0
// Counts over time as a stream, in windows from one sample to the next. Where activity_windows.h keeps the whole run in
// few windows, this has a window for every sample and keeps the last of them.
//
// A command says at its end what it amounted to, and that belongs to the time of its execution, to windows that have
// ended. So windows are kept for a while before they are given out, `most` of them, which is far more than a command
// lasts. What began before all of them is spread over those that are kept: nothing is lost.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>

#include "ip/common/units.h"
#include "platform/observe/activity_counters.h"

namespace gradus::observe {

struct SampleWindow {
    ip::Picoseconds begin = 0;
    ip::Picoseconds end = std::numeric_limits<ip::Picoseconds>::max();
    std::array<double, counter_count> counts{};

    double& operator[](Counter counter) { return counts[static_cast<std::size_t>(counter)]; }
    double operator[](Counter counter) const { return counts[static_cast<std::size_t>(counter)]; }
};

class SampleWindows {
public:
    static constexpr std::size_t most = 1024; ///< 200 KiB

    /// `amount` evenly over [begin, end); if that is empty, to the window that ends with it.
    void add(Counter counter, ip::Picoseconds begin, ip::Picoseconds end, std::int64_t amount);
    /// A sample was taken: the next window begins.
    void close(ip::Picoseconds time);
    /// The oldest window, once there are more than `most` that have ended. Nothing can be added to it any more.
    std::optional<SampleWindow> take_old() { return take(most); }
    /// The oldest window that has ended. For the end of the run.
    std::optional<SampleWindow> take() { return take(0); }

private:
    std::optional<SampleWindow> take(std::size_t kept);

    std::deque<SampleWindow> windows_{1}; ///< the last one has not ended
};

} // namespace gradus::observe
