// SPDX-License-Identifier: Apache-2.0
// A DRAM of one or more channels: requests are split into bursts, each goes to its channel (dram_address_map.h,
// dram_channel_core.h), and a request is complete with its last burst.
//
// The core decides in hindsight: commands are worked out when it is known what has arrived until then. Whoever drives
// it says how far that is. A partial burst takes the time of a whole one. `front_end` cycles are added to every answer,
// with `early_write_answer` to those of reads alone; they stand for the controller's pipeline and the PHY, and overlap.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "ip/memory/dram_address_map.h"
#include "ip/memory/dram_channel_core.h"
#include "ip/memory/dram_parameters.h"
#include "ip/memory/memory_timing.h"

namespace gradus::ip {

class DramControllerCore : private DramListener {
public:
    using Id = std::uint32_t;
    static constexpr Picoseconds never = ~Picoseconds{0};

    /// The parameters must have passed find_misfit().
    explicit DramControllerCore(const DramParameters& parameters);

    /// Splits a request into bursts for its channels. It arrives not before an earlier request, and not before `now`,
    /// which is not before anything that is decided. The id is valid until forget().
    Id submit(const MemoryRequest& request, Picoseconds now);
    /// When the last burst was accepted, once that is decided.
    std::optional<Picoseconds> acceptance(Id id) const;
    /// When the requester may go on, once that is decided: with the last data of a read; one clock cycle after the last
    /// burst of a write was accepted; and `front_end` cycles later, see above.
    std::optional<Picoseconds> release(Id id) const;
    void forget(Id id);

    /// Decides everything before `until`.
    void advance(Picoseconds until);
    /// Decides as much as it takes to know when the last request that was submitted is accepted.
    void settle_acceptance();
    /// Decides everything there is to decide.
    void finish();
    /// Nothing that is not decided yet is released before that; `never`: nothing is waiting.
    Picoseconds next_release();
    /// The end of the last data so far, of reads and writes.
    Picoseconds last_data() const { return clock_(last_data_); }
    /// Requests whose release has been decided since the last call; without those that submit() could tell at once.
    /// Valid until the next call.
    const std::vector<Id>& take_released();

    Picoseconds busy() const; ///< of the data buses, averaged
    double peak_bytes_per_second() const { return peak_bandwidth(parameters_); }
    DramRowCounters rows() const;
    /// That the requests so far take, decided or not; parts of a burst count as one.
    const DramBurstCounters& bursts() const { return bursts_; }

    /// Commands of a channel from now on are appended to `log`.
    void record(unsigned channel, std::vector<DramCommand>* log) { channels_[channel].record(log); }

private:
    struct Transaction {
        bool write = false;
        bool known = false;           ///< when it is released
        bool forgotten = true;        ///< by its requester
        std::uint32_t unaccepted = 0; ///< bursts
        std::uint32_t unfinished = 0; ///< bursts without their data
        Cycles accepted = 0;          ///< the last one so far
        Cycles finished = 0;
    };

    void accepted(std::uint32_t owner, bool write, Cycles at) override;
    void transferred(std::uint32_t owner, bool write, Cycles at) override;
    void settle(Id id);
    Id allocate();
    void recycle(Id id);
    DramChannelCounters totals() const;

    const DramParameters parameters_;
    const DramAddressMap map_;
    const Clock clock_;
    const Cycles write_front_end_;
    std::deque<DramChannelCore> channels_;
    std::vector<Transaction> transactions_;
    std::vector<Id> unused_;
    std::vector<Id> released_;
    std::vector<Id> taken_;
    Cycles last_data_ = 0;
    DramBurstCounters bursts_;
};

} // namespace gradus::ip
