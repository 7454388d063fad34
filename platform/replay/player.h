// SPDX-License-Identifier: Apache-2.0
// Plays requests into a DRAM alone, and keeps account of what happened: in all, and window by window.
//
// A request is handed to the controller at its time, but not before the request before it was accepted; without a time,
// as soon as that was. It is complete with its last data if it reads, and a cycle after its last burst was accepted
// into the write queue if it writes. Latency counts from its time, or from when it was handed over if it has none.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "ip/memory/dram_controller_core.h"
#include "platform/replay/latency_histogram.h"
#include "platform/replay/trace_reader.h"

namespace gradus::replay {

/// Requests count in the window in which they are complete, row figures in the one in which a request made them known.
struct Window {
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
    ip::Bytes bytes_read = 0;
    ip::Bytes bytes_written = 0;
    std::uint64_t hits = 0; ///< bursts
    std::uint64_t misses = 0;
    std::uint64_t conflicts = 0;
    double read_latency_sum = 0; ///< ps
    ip::Picoseconds read_latency_max = 0;
    void add(const Window& other);
};

/// Too many windows for the length asked for.
class WindowError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct Result {
    ip::Picoseconds time = 0; ///< until the last request is complete and the last data have moved
    double peak_bytes_per_second = 0;
    ip::DramRowCounters rows;
    Window total;
    LatencyHistogram reads;
    LatencyHistogram writes;
    ip::Picoseconds window = 0; ///< length
    std::vector<Window> windows;
};

/// Windows of the length asked for, or, without one, as many as fit: their length doubles when there are too many.
class Windows {
public:
    static constexpr std::size_t most = 100'000; ///< of a length that was asked for
    static constexpr std::size_t most_automatic = 64;

    explicit Windows(std::optional<ip::Picoseconds> length);
    /// Throws WindowError.
    Window& at(ip::Picoseconds time);
    ip::Picoseconds length() const { return length_; }
    const std::vector<Window>& all() const { return windows_; }

private:
    ip::Picoseconds length_;
    bool automatic_;
    std::vector<Window> windows_;
};

class Player {
public:
    /// The parameters must have passed find_misfit().
    Player(const ip::DramParameters& parameters, std::optional<ip::Picoseconds> window);

    /// Throws WindowError.
    void play(const TraceRequest& request);
    ip::Picoseconds now() const { return now_; }
    /// Plays what is on its way. Nothing can be played afterwards. Throws WindowError.
    Result finish();

private:
    struct Open {
        ip::Picoseconds issued = 0;
        ip::Bytes bytes = 0;
        bool write = false;
    };
    void collect();
    void complete(ip::DramControllerCore::Id id);
    void account_rows();

    ip::DramControllerCore controller_;
    ip::Picoseconds now_ = 0;
    std::vector<Open> open_; ///< by id of the controller
    ip::DramRowCounters rows_;
    Windows windows_;
    Result result_;
};

} // namespace gradus::replay
