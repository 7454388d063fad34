// SPDX-License-Identifier: Apache-2.0
// DRAM as latency plus bandwidth.
//
// Channels are interleaved by `interleave` bytes. A channel's data bus is a timeline that moves
// bus_bits / 8 * megatransfers * efficiency bytes a second. A request is split over the channels it touches; each part
// starts at max(arrival, free) and is complete after latency plus its transfer time; the request is complete with its
// last part. The latency overlaps with other requests' transfers, the transfers of one channel do not overlap. Not
// modelled: banks, rows, refresh, read-to-write turnarounds (`efficiency` stands for what they cost on average), a
// command bus, minimum burst lengths, reordering.
#pragma once

#include <vector>

#include "ip/common/timeline.h"
#include "ip/memory/memory_parameters.h"
#include "ip/memory/memory_timing.h"

namespace gradus::ip {

class DramCore final : public MemoryTiming {
public:
    explicit DramCore(const DramParameters& parameters);

    Picoseconds serve(const MemoryRequest& request) override;
    Picoseconds busy() const override;
    double peak_bytes_per_second() const override; ///< of the data lines, before `efficiency`

private:
    Picoseconds transfer(std::uint64_t channel, Picoseconds arrival, Bytes bytes);

    const DramParameters parameters_;
    const double picoseconds_per_byte_;
    const Picoseconds latency_;
    std::vector<Timeline> channels_;
};

} // namespace gradus::ip
