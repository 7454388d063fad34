// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/sample_windows.h"

#include <algorithm>

namespace gradus::observe {

void SampleWindows::add(Counter counter, ip::Picoseconds begin, ip::Picoseconds end, std::int64_t amount) {
    auto window = windows_.rbegin();
    while (window->begin >= end && std::next(window) != windows_.rend())
        ++window;
    const ip::Picoseconds from = std::max(begin, windows_.front().begin);
    if (window->begin <= from) {
        (*window)[counter] += static_cast<double>(amount);
        return;
    }
    const double rate = static_cast<double>(amount) / static_cast<double>(end - from);
    for (; window != windows_.rend() && window->end > from; ++window)
        (*window)[counter] += rate * static_cast<double>(std::min(window->end, end) - std::max(window->begin, from));
}

void SampleWindows::close(ip::Picoseconds time) {
    if (time <= windows_.back().begin) return;
    windows_.back().end = time;
    windows_.emplace_back().begin = time;
}

std::optional<SampleWindow> SampleWindows::take(std::size_t kept) {
    if (windows_.size() <= kept + 1) return std::nullopt;
    const SampleWindow oldest = windows_.front();
    windows_.pop_front();
    return oldest;
}

} // namespace gradus::observe
