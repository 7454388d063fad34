// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/sampled_tracks.h"

#include <algorithm>
#include <array>

#include <fmt/compile.h>

namespace gradus::observe {

namespace {

struct MemoryCurves {
    const char* name;
    Counter read, written, busy;
};
constexpr std::array<MemoryCurves, 3> memories{
    {{"dram", Counter::dram_read_bytes, Counter::dram_write_bytes, Counter::dram_busy},
     {"scratchpad", Counter::scratchpad_read_bytes, Counter::scratchpad_write_bytes, Counter::scratchpad_busy},
     {"sram", Counter::sram_read_bytes, Counter::sram_write_bytes, Counter::sram_busy}}};

std::string power_curve(const std::string& of) { return "power " + of; }

} // namespace

std::vector<std::string> curve_names(const std::vector<BlockPower>& power) {
    std::vector<std::string> names;
    for (const MemoryCurves& memory : memories)
        names.emplace_back(memory.name);
    names.push_back(power_curve("total"));
    for (const BlockPower& block : power)
        names.push_back(power_curve(block.name));
    return names;
}

SampledTracks::SampledTracks(const std::vector<BlockPower>& power, const TraceSelection& selection) : blocks_(power) {
    for (const auto& [name, read, written, busy] : memories)
        if (selection.shows_curve(name))
            memories_.push_back({read, written, busy, CounterTrack(std::string(name) + " GB/s"),
                                 CounterTrack(std::string(name) + " busy %"), 0});
    const auto key = [&](const std::string& of) { return selection.shows_curve(power_curve(of)) ? of : std::string(); };
    power_keys_.push_back(key("total"));
    for (const BlockPower& block : blocks_)
        power_keys_.push_back(key(block.name));
}

void SampledTracks::sampled(ip::Picoseconds time, PerfettoEvents& events) {
    windows_.close(time);
    while (const auto window = windows_.take_old())
        write(*window, events);
}

void SampledTracks::run_ended(ip::Picoseconds time, PerfettoEvents& events) {
    while (const auto window = windows_.take())
        write(*window, events);
    for (Memory& memory : memories_) {
        write_rate(memory, 0, 0, time, events);
        write_share(memory, 0, time, events);
        events.begin_late(memory.rate);
        events.begin_late(memory.share);
    }
    write_power(std::vector<double>(power_keys_.size()), time, events);
    events.begin_late(power_);
}

void SampledTracks::write(const SampleWindow& window, PerfettoEvents& events) {
    const auto length = static_cast<double>(window.end - window.begin);
    for (Memory& memory : memories_) {
        const auto rate = [&](Counter bytes) { return 1000 * window[bytes] / length; }; // GB/s
        write_rate(memory, rate(memory.read), rate(memory.written), window.begin, events);
        // A memory books the whole of a request when it arrives, perhaps beyond the sample.
        const double booked = memory.booked_ahead + window[memory.busy];
        const double busy = std::min(booked, length);
        memory.booked_ahead = booked - busy;
        write_share(memory, busy / length, window.begin, events);
    }
    std::vector<double> watts{0};
    for (const BlockPower& block : blocks_) {
        watts.push_back(block.dynamic_joules(window) / (length * 1e-12) + block.static_watts);
        watts.front() += watts.back();
    }
    write_power(watts, window.begin, events);
}

void SampledTracks::write_rate(Memory& memory, double read, double written, ip::Picoseconds time,
                               PerfettoEvents& events) {
    fmt::basic_memory_buffer<char, 64> series;
    fmt::format_to(fmt::appender(series), FMT_COMPILE(R"("read":{:.4g},"written":{:.4g})"), read, written);
    events.count(memory.rate, time, {series.data(), series.size()});
}

void SampledTracks::write_share(Memory& memory, double share, ip::Picoseconds time, PerfettoEvents& events) {
    fmt::basic_memory_buffer<char, 32> series;
    fmt::format_to(fmt::appender(series), FMT_COMPILE(R"("busy":{:.4g})"), 100 * share);
    events.count(memory.share, time, {series.data(), series.size()});
}

void SampledTracks::write_power(const std::vector<double>& watts, ip::Picoseconds time, PerfettoEvents& events) {
    fmt::basic_memory_buffer<char, 512> series;
    for (std::size_t i = 0; i < watts.size(); ++i)
        if (!power_keys_[i].empty())
            fmt::format_to(fmt::appender(series), FMT_COMPILE(R"({}"{}":{:.5g})"), series.size() ? "," : "",
                           power_keys_[i], watts[i]);
    if (series.size()) events.count(power_, time, {series.data(), series.size()});
}

} // namespace gradus::observe
