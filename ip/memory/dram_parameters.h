// SPDX-License-Identifier: Apache-2.0
// DramParameters: what the DRAM model has to know. There are three groups: the timing of a standard, how the chip
// organises its memory, and how the controller behaves. The folder scenarios/dram holds the values of each standard
// with their sources.
//
// Example: the defaults describe one channel of 8 banks with a clock of 400 MHz (period = 2500 ps). A burst is 16 bytes
// in 4 cycles, so the peak is 16 bytes in 10 ns = 1.6 GB/s. A row of 2048 bytes holds 128 bursts. 256 MiB in 8 banks
// are 16384 rows a bank.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ip/common/units.h"

namespace gradus::ip {

/// The times of a standard, in cycles of the command clock, with JEDEC's names. A time between two commands counts from
/// the last command-bus slot of the first command to the last slot of the second one, as the standards define it.
struct DramTiming {
    Picoseconds period = 2500;  ///< tCK of the command clock
    Cycles burst = 4;           ///< time that one burst occupies the data bus
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
    Cycles aad = 0; ///< 0: ACT is one command. Else ACT comes in two halves of act_slots each, and the second follows
                    ///< at most that many cycles after the first; times count from the first
    Cycles sync_slots = 0; ///< slots before a RD or WR that finds the data clock stopped; 0: the clock never stops
    Cycles clock_hold = 0; ///< how long the data clock runs on after the last data
};

/// How one channel is organised.
struct DramOrganisation {
    unsigned pseudo_channels = 1; ///< each has its own banks and data bus; they share command buses and queues
    unsigned groups = 1;          ///< bank groups in a pseudo channel
    unsigned banks = 8;           ///< in a group
    Bytes row_bytes = 2048;       ///< in a pseudo channel
    Bytes burst_bytes = 16;
    bool column_bus = false; ///< true: RD and WR have a command bus of their own
    unsigned banks_per_channel() const { return pseudo_channels * groups * banks; }
};

enum class DramScheduler {
    /// The scheduler takes the commands that are possible first, and of these the one for the oldest request. A row
    /// stays open while an older request hits it. A request leaves its queue when its row opens.
    first_ready,
    /// Every bank works for one request: its oldest row hit in the current direction, or else its oldest request. The
    /// scheduler takes the commands that end first, and of these the one for the oldest request. A request leaves its
    /// queue with its RD or WR.
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
    unsigned read_queue = 32;  ///< bursts that a channel's read queue holds
    unsigned write_queue = 32; ///< bursts that a channel's write queue holds
    unsigned write_high = 25;  ///< the controller turns to writing when more writes than that are queued
    unsigned write_low = 6;    ///< it turns back when that many or fewer are queued and reads wait
    DramRefresh refresh = DramRefresh::all_bank;
    /// Cycles between the arrivals of two bursts of one direction at a channel; 0: any number arrives in a cycle.
    Cycles accept_interval = 0;
    /// Cycles of the command clock for a request's way through controller and PHY, there and back.
    Cycles front_end = 0;
    /// True: the controller answers a write before it sends it to the PHY, so that front_end delays reads alone.
    bool early_write_answer = false;
};

struct DramParameters {
    Bytes bytes = Bytes{256} << 20; ///< the capacity of all channels together
    unsigned channels = 1;
    /// The parts of an address, from the most significant to the least. The bytes of a burst lie below them. See
    /// dram_address_map.h.
    std::string mapping = "row,bank,column,channel,pseudo,column:4,group";
    bool bank_hash = false;    ///< bank and group are exclusive-ored with the row's lowest bits
    bool channel_hash = false; ///< channel and pseudo channel are exclusive-ored with all bits above them
    DramTiming timing;
    DramOrganisation organisation;
    DramPolicy policy;
};

/// A parameter that does not go with the others. `member` is its key, such as "timing.refi". `message` says what is
/// wrong, as the rest of a sentence that begins with the key and its value.
struct DramMisfit {
    std::string member;
    std::string message;
};
std::optional<DramMisfit> find_misfit(const DramParameters& parameters);

/// Returns how many refreshes a pseudo channel gets in one interval (refi).
unsigned dram_refreshes(const DramOrganisation& organisation, DramRefresh refresh);
/// Returns the bytes of one row in every bank of every channel. The capacity is a multiple of it.
Bytes dram_row_stripe(const DramParameters& parameters);
/// Returns the number of rows in a bank.
std::uint64_t dram_rows(const DramParameters& parameters);
/// Returns the peak bandwidth of the data lines of all channels, in bytes a second.
double peak_bandwidth(const DramParameters& parameters);

} // namespace gradus::ip
