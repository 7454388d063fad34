// SPDX-License-Identifier: Apache-2.0
// What the DRAM model has to know about a standard, about how a chip uses it, and about its controller. The values of
// each standard, with their sources, stand in scenarios/dram.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ip/common/units.h"

namespace gradus::ip {

/// In cycles of the command clock, with the names of JEDEC's standards. A time between two commands counts from the
/// last command-bus slot of the one to the last slot of the other, as the standards define it.
struct DramTiming {
    Picoseconds period = 2500;  ///< tCK of the command clock
    Cycles burst = 4;           ///< the data bus is taken by one burst
    Cycles rl = 6;              ///< read latency: RD to its first data, DQSCK included
    Cycles wl = 5;              ///< write latency: WR to its first data, DQSS included
    Cycles rcd_read = 6;        ///< ACT to RD
    Cycles rcd_write = 6;       ///< ACT to WR
    Cycles rp = 6;              ///< PRE to ACT
    Cycles rp_all = 6;          ///< PRE of all banks to ACT
    Cycles ras = 15;            ///< ACT to PRE
    Cycles rc = 21;             ///< ACT to ACT of one bank
    Cycles rtp = 4;             ///< RD to PRE
    Cycles wr = 6;              ///< end of write data to PRE
    Cycles ccd_s = 4;           ///< RD to RD and WR to WR, another bank group
    Cycles ccd_l = 4;           ///< RD to RD, the same group
    Cycles ccd_l_write = 4;     ///< WR to WR, the same group
    Cycles rtw = 7;             ///< RD to WR
    Cycles wtr_s = 4;           ///< end of write data to RD, another group
    Cycles wtr_l = 4;           ///< the same group
    Cycles rrd_s = 4;           ///< ACT to ACT, another group
    Cycles rrd_l = 4;           ///< the same group
    Cycles faw = 20;            ///< window that holds at most four ACTs
    Cycles rfc = 64;            ///< refresh of all banks
    Cycles rfc_bank = 64;       ///< refresh of one bank, or of one bank in every group
    Cycles refi = 3120;         ///< average time between refreshes of all banks
    Cycles act_slots = 1;       ///< command-bus slots of ACT
    Cycles column_slots = 1;    ///< of RD and WR
    Cycles precharge_slots = 1; ///< of PRE and REF
    Cycles aad = 0;        ///< ACT comes in two halves with at most that many cycles from the one to the other, each of
                           ///< act_slots; times count from the first. 0: it comes in one piece
    Cycles sync_slots = 0; ///< before a column command that finds the data clock stopped; 0: it never stops
    Cycles clock_hold = 0; ///< the data clock goes on after the last data
};

/// One channel.
struct DramOrganisation {
    unsigned pseudo_channels = 1; ///< own banks and data bus; command buses and queues are the channel's
    unsigned groups = 1;          ///< bank groups of a pseudo channel
    unsigned banks = 8;           ///< of a group
    Bytes row_bytes = 2048;       ///< of a pseudo channel
    Bytes burst_bytes = 16;
    bool column_bus = false; ///< RD and WR have a command bus of their own
    unsigned banks_per_channel() const { return pseudo_channels * groups * banks; }
};

enum class DramScheduler {
    /// Of the commands that are possible first, the one of the oldest request. A row is not closed while an older
    /// request hits it. A request leaves its queue when its row opens.
    first_ready,
    /// Every bank works for one request: the oldest row hit in the current direction, otherwise the oldest. Of the
    /// commands that end first, the one of the oldest request. A request leaves its queue with its data command.
    bank_machines,
};
enum class DramPagePolicy {
    open,    ///< a row stays open until another one is needed
    closed,  ///< a row is closed by auto-precharge when no queued request hits it
    timeout, ///< a row is closed when it has not been used for `page_timeout` cycles
};
enum class DramRefresh { off, all_bank, per_bank, same_bank };

struct DramPolicy {
    DramScheduler scheduler = DramScheduler::first_ready;
    DramPagePolicy page_policy = DramPagePolicy::open;
    Cycles page_timeout = 200;
    unsigned read_queue = 32;  ///< bursts of a channel
    unsigned write_queue = 32; ///< bursts of a channel
    unsigned write_high = 25;  ///< with more writes than that in the queue the controller turns to writing
    unsigned write_low = 6;    ///< with that many or fewer it turns back, if reads wait
    DramRefresh refresh = DramRefresh::all_bank;
    /// Between the arrivals of two bursts of one direction at a channel; 0: any number in a cycle.
    Cycles accept_interval = 0;
    /// A request's way through controller and PHY, there and back, in cycles of the command clock.
    Cycles front_end = 0;
    /// The controller answers a write itself, before its way to the PHY: front_end is of reads alone.
    bool early_write_answer = false;
};

struct DramParameters {
    Bytes bytes = Bytes{256} << 20; ///< of all channels together
    unsigned channels = 1;
    /// Where an address leads, from the most significant part to the least, below which lie the bytes of a burst: see
    /// dram_address_map.h.
    std::string mapping = "row,bank,column,channel,pseudo,column:4,group";
    bool bank_hash = false;    ///< bank and group are exclusive-ored with the row's lowest bits
    bool channel_hash = false; ///< channel and pseudo channel are exclusive-ored with all bits above them
    DramTiming timing;
    DramOrganisation organisation;
    DramPolicy policy;
};

/// A parameter that does not go with the others: its key, such as "timing.refi", and what is wrong with it, to be read
/// after the key and its value.
struct DramMisfit {
    std::string member;
    std::string message;
};
std::optional<DramMisfit> find_misfit(const DramParameters& parameters);

/// How many refreshes of a pseudo channel one interval (refi) holds.
unsigned dram_refreshes(const DramOrganisation& organisation, DramRefresh refresh);
/// One row in every bank of every channel: the capacity is a multiple of it.
Bytes dram_row_stripe(const DramParameters& parameters);
/// Rows of a bank.
std::uint64_t dram_rows(const DramParameters& parameters);
/// Of the data lines of all channels, in bytes a second.
double peak_bandwidth(const DramParameters& parameters);

} // namespace gradus::ip
