// SPDX-License-Identifier: Apache-2.0
#include "platform/replay/player.h"

#include <algorithm>

#include <fmt/format.h>

namespace gradus::replay {

void Window::add(const Window& other) {
    reads += other.reads;
    writes += other.writes;
    bytes_read += other.bytes_read;
    bytes_written += other.bytes_written;
    hits += other.hits;
    misses += other.misses;
    conflicts += other.conflicts;
    read_latency_sum += other.read_latency_sum;
    read_latency_max = std::max(read_latency_max, other.read_latency_max);
}

Windows::Windows(std::optional<ip::Picoseconds> length)
    : length_(length.value_or(ip::Picoseconds{1000})), automatic_(!length) {}

Window& Windows::at(ip::Picoseconds time) {
    while (automatic_ && time / length_ >= most_automatic) {
        for (std::size_t i = 0; i < windows_.size(); ++i) {
            const Window each = windows_[i];
            windows_[i] = {};
            windows_[i / 2].add(each);
        }
        windows_.resize((windows_.size() + 1) / 2);
        length_ *= 2;
    }
    const std::size_t index = time / length_;
    if (index >= most)
        throw WindowError(fmt::format("the trace takes more than {} windows of {} ns: choose a longer --window", most,
                                      static_cast<double>(length_) / 1000));
    if (index >= windows_.size()) windows_.resize(index + 1);
    return windows_[index];
}

Player::Player(const ip::DramParameters& parameters, std::optional<ip::Picoseconds> window)
    : controller_(parameters), windows_(window) {
    result_.peak_bytes_per_second = controller_.peak_bytes_per_second();
}

void Player::play(const TraceRequest& request) {
    now_ = std::max(now_, request.at.value_or(now_));
    const auto id = controller_.submit({now_, request.address, request.bytes, request.write}, now_);
    if (id >= open_.size()) open_.resize(id + 1);
    open_[id] = {request.at.value_or(now_), request.bytes, request.write};
    const bool complete_at_once = controller_.release(id).has_value();
    controller_.settle_acceptance();
    now_ = std::max(now_, *controller_.acceptance(id));
    if (complete_at_once) complete(id);
    collect();
    account_rows();
}

void Player::collect() {
    for (const ip::DramControllerCore::Id id : controller_.take_released())
        complete(id);
}

void Player::complete(ip::DramControllerCore::Id id) {
    const Open request = open_[id];
    const ip::Picoseconds end = *controller_.release(id), latency = end - request.issued;
    controller_.forget(id);
    result_.time = std::max(result_.time, end);
    Window& window = windows_.at(end);
    if (request.write) {
        ++window.writes;
        window.bytes_written += request.bytes;
        result_.writes.add(latency);
        return;
    }
    ++window.reads;
    window.bytes_read += request.bytes;
    window.read_latency_sum += static_cast<double>(latency);
    window.read_latency_max = std::max(window.read_latency_max, latency);
    result_.reads.add(latency);
}

void Player::account_rows() {
    const ip::DramRowCounters rows = controller_.rows();
    Window& window = windows_.at(now_);
    // PRE and ACT count before the burst they are for, so that hits and misses may drop by one in between.
    const auto grown = [](std::uint64_t to, std::uint64_t& from) {
        const std::uint64_t more = std::max(to, from) - from;
        from += more;
        return more;
    };
    window.hits += grown(rows.hits, rows_.hits);
    window.misses += grown(rows.misses, rows_.misses);
    window.conflicts += grown(rows.conflicts, rows_.conflicts);
}

Result Player::finish() {
    controller_.finish();
    collect();
    now_ = std::max(now_, controller_.last_data());
    account_rows();
    result_.time = std::max(result_.time, controller_.last_data());
    result_.rows = controller_.rows();
    for (const Window& window : windows_.all())
        result_.total.add(window);
    result_.window = windows_.length();
    result_.windows = windows_.all();
    return result_;
}

} // namespace gradus::replay
