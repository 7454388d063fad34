// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/activity_windows.h"

#include <algorithm>

namespace gradus::observe {

namespace {

/// How much of `amount`, evenly spread over `length`, lies in the first `part` of it. Rises with `part`.
std::uint64_t until(std::uint64_t amount, ip::Picoseconds part, ip::Picoseconds length) {
    if (part == length || amount == length) return part == length ? amount : part;
    const double share = static_cast<double>(part) / static_cast<double>(length);
    return std::min(amount, static_cast<std::uint64_t>(static_cast<double>(amount) * share));
}

} // namespace

ActivityWindows::ActivityWindows(std::size_t rows) : rows_(rows, std::vector<std::uint64_t>(most)) {}

void ActivityWindows::reach(ip::Picoseconds last) {
    for (; last >> shift_ >= most; ++shift_)
        for (std::vector<std::uint64_t>& row : rows_) {
            for (std::size_t i = 0; i < most / 2; ++i)
                row[i] = row[2 * i] + row[2 * i + 1];
            std::fill(row.begin() + most / 2, row.end(), 0);
        }
}

void ActivityWindows::add(std::size_t row, ip::Picoseconds begin, ip::Picoseconds end, std::uint64_t amount) {
    const ip::Picoseconds last = std::max(begin, end - (end > 0));
    reach(last);
    std::vector<std::uint64_t>& values = rows_[row];
    std::uint64_t done = 0;
    for (std::uint64_t window = begin >> shift_; window < last >> shift_; ++window) {
        const std::uint64_t so_far = until(amount, ((window + 1) << shift_) - begin, end - begin);
        values[window] += so_far - done;
        done = so_far;
    }
    values[last >> shift_] += amount - done;
}

void ActivityWindows::add_mixture(std::size_t first, std::size_t second, ip::Picoseconds begin, ip::Picoseconds end,
                                  ip::Picoseconds first_time) {
    if (begin == end) return;
    reach(end - 1);
    ip::Picoseconds from = begin, first_done = 0;
    while (from < end) {
        const std::uint64_t window = from >> shift_;
        const ip::Picoseconds to = std::min(end, (window + 1) << shift_);
        const ip::Picoseconds first_so_far = until(first_time, to - begin, end - begin);
        const ip::Picoseconds first_here = std::min(first_so_far - first_done, to - from);
        rows_[first][window] += first_here;
        rows_[second][window] += to - from - first_here;
        first_done += first_here;
        from = to;
    }
}

void ActivityWindows::take_back(std::size_t row, std::uint64_t amount) {
    std::vector<std::uint64_t>& values = rows_[row];
    for (auto value = values.rbegin(); value != values.rend() && amount > 0; ++value) {
        const std::uint64_t taken = std::min(*value, amount);
        *value -= taken;
        amount -= taken;
    }
}

} // namespace gradus::observe
