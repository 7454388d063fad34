// SPDX-License-Identifier: Apache-2.0
#include "ip/memory/dram_core.h"

#include <algorithm>
#include <numeric>

namespace gradus::ip {

namespace {

double channel_bytes_per_second(const DramParameters& parameters) {
    return parameters.bus_bits / 8.0 * parameters.megatransfers * 1e6;
}

Picoseconds rounded(double picoseconds) { return static_cast<Picoseconds>(picoseconds + 0.5); }

} // namespace

DramCore::DramCore(const DramParameters& parameters)
    : parameters_(parameters),
      picoseconds_per_byte_(1e12 / (channel_bytes_per_second(parameters) * parameters.efficiency)),
      latency_(rounded(parameters.latency_ns * 1e3)), channels_(parameters.channels) {}

Picoseconds DramCore::serve(const MemoryRequest& request) {
    const Bytes stripe = parameters_.interleave;
    const std::uint64_t channels = parameters_.channels;
    const std::uint64_t first = request.offset / stripe;
    const std::uint64_t last = (request.offset + request.bytes - 1) / stripe;
    if (first == last || channels == 1) return transfer(first % channels, request.arrival, request.bytes);

    const std::uint64_t stripes = last - first + 1;
    const Bytes missing_in_first = request.offset - first * stripe;
    const Bytes missing_in_last = (last + 1) * stripe - (request.offset + request.bytes);
    Picoseconds done = 0;
    for (std::uint64_t i = 0; i < std::min(stripes, channels); ++i) {
        // Of the stripes first, first + 1, ..., last this channel has number i and every channels-th after it.
        const std::uint64_t mine = (stripes - i - 1) / channels + 1;
        Bytes bytes = mine * stripe;
        if (i == 0) bytes -= missing_in_first;
        if ((stripes - 1) % channels == i) bytes -= missing_in_last;
        done = std::max(done, transfer((first + i) % channels, request.arrival, bytes));
    }
    return done;
}

Picoseconds DramCore::transfer(std::uint64_t channel, Picoseconds arrival, Bytes bytes) {
    const Picoseconds occupancy = rounded(static_cast<double>(bytes) * picoseconds_per_byte_);
    return channels_[channel].reserve(arrival, occupancy) + latency_ + occupancy;
}

Picoseconds DramCore::busy() const {
    const auto sum = [](Picoseconds total, const Timeline& channel) { return total + channel.busy(); };
    return std::accumulate(channels_.begin(), channels_.end(), Picoseconds{0}, sum) / channels_.size();
}

double DramCore::peak_bytes_per_second() const { return parameters_.channels * channel_bytes_per_second(parameters_); }

} // namespace gradus::ip
