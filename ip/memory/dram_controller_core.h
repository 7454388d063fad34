// SPDX-License-Identifier: Apache-2.0
// DramControllerCore: the controller of a DRAM with one or more channels. It splits each request into bursts and sends
// each burst to its channel (dram_address_map.h, dram_channel_core.h). A request is complete when its last burst is.
//
// The core decides in hindsight: it works out a command only when it knows what has arrived by then. The caller tells
// it how far that is, with advance(). A burst that is used only in part takes the time of a whole one.
//
// `front_end` cycles stand for the way through the controller's pipeline and the PHY. They are added to every answer.
// With `early_write_answer` they are added to reads alone. They delay answers, but they occupy nothing: the front-end
// times of several requests overlap.
//
// Example: bursts of 64 bytes. A read of 8 bytes at offset 60 crosses a boundary and takes two bursts. With DDR4-2400
// and front_end = 50, a read of a closed bank is answered after 17 + 17 + 4 + 50 = 88 cycles. A write into an empty
// queue is answered after 1 + 50 cycles, or after 1 cycle with `early_write_answer`.
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

    /// Splits a request into bursts and hands them to their channels. A request must not arrive before an earlier one,
    /// nor before `now`. Nothing later than `now` may have been decided already. The id is valid until forget().
    Id submit(const MemoryRequest& request, Picoseconds now);
    /// Returns when the last burst was accepted, as soon as that is decided.
    std::optional<Picoseconds> acceptance(Id id) const;
    /// Returns when the requester may go on, as soon as that is decided. After a read it goes on with the last data.
    /// After a write it goes on one clock cycle after the last burst was accepted. `front_end` cycles are added, see
    /// above.
    std::optional<Picoseconds> release(Id id) const;
    void forget(Id id);

    /// Decides everything that happens before `until`.
    void advance(Picoseconds until);
    /// Goes on deciding until it is known when each submitted request is accepted.
    void settle_acceptance();
    /// Goes on deciding until no request is left.
    void finish();
    /// Returns a lower bound: no waiting request can be released earlier. `never`: no request is waiting.
    Picoseconds next_release();
    /// Returns the end of the last data so far, of reads and of writes.
    Picoseconds last_data() const { return clock_(last_data_); }
    /// Returns the requests whose release has been decided since the last call. It leaves out writes whose release was
    /// known at submit(). The list is valid until the next call.
    const std::vector<Id>& take_released();

    Picoseconds busy() const; ///< time that the data buses were occupied, averaged over them
    double peak_bytes_per_second() const { return peak_bandwidth(parameters_); }
    DramRowCounters rows() const;
    /// Returns the bursts that the requests so far take, decided or not. A part of a burst counts as a whole one.
    const DramBurstCounters& bursts() const { return bursts_; }

    /// From now on the channel appends its commands to `log`.
    void record(unsigned channel, std::vector<DramCommand>* log) { channels_[channel].record(log); }

private:
    struct Transaction {
        bool write = false;
        bool known = false;           ///< it is known when the request is released
        bool forgotten = true;        ///< its requester has called forget()
        std::uint32_t unaccepted = 0; ///< bursts that no queue has accepted yet
        std::uint32_t unfinished = 0; ///< bursts whose data have not ended yet
        Cycles accepted = 0;          ///< when the last burst so far was accepted
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
