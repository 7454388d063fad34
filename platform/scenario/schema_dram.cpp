// SPDX-License-Identifier: Apache-2.0
// The keys of chip.dram. Defaults are those of DDR3-800; scenarios/dram has the values of other standards.
#include "platform/scenario/schema_table.h"

namespace gradus::scenario {

namespace {

constexpr auto dram = &ChipParameters::dram;

// Far beyond any device, and small enough that all of them together stay below 2^32 cycles.
constexpr Range command_cycles{0, 10'000};
constexpr Range some_cycles{1, 10'000};
constexpr Range bus_slots{1, 16};
constexpr Range refresh_cycles{1, 10'000'000};
constexpr Range queue_entries{2, 1024};

template <auto member>
constexpr Reach timing = at<chip, dram, &ip::DramParameters::timing, member>;
template <auto member>
constexpr Reach organisation = at<chip, dram, &ip::DramParameters::organisation, member>;
template <auto member>
constexpr Reach policy = at<chip, dram, &ip::DramParameters::policy, member>;

std::vector<Parameter> controller_parameters() {
    using P = ip::DramPolicy;
    return {
        text("chip.dram.name", longest_name, at<chip, &ChipParameters::dram_name>,
             "name in reports; empty: the name of the file that [dram] has as its base"),
        ranged("chip.dram.bytes", "bytes", {1 * mebi, 16'384 * gibi}, at<chip, dram, &ip::DramParameters::bytes>,
               "capacity of all channels together; a multiple of one row in every bank"),
        ranged("chip.dram.channels", "", {1, 64}, at<chip, dram, &ip::DramParameters::channels>,
               "independent channels, each with its own controller"),
        text("chip.dram.mapping", 200, at<chip, dram, &ip::DramParameters::mapping>,
             "parts of an address from the most significant: row, bank, group, pseudo, channel, column; column:4 are 4 "
             "bursts of a row's columns"),
        boolean(
            "chip.dram.bank_hash", at<chip, dram, &ip::DramParameters::bank_hash>,
            "bank and group are exclusive-ored with the row's lowest bits, so that equal strides spread over banks"),
        boolean("chip.dram.channel_hash", at<chip, dram, &ip::DramParameters::channel_hash>,
                "channel and pseudo channel are exclusive-ored with all address bits above them, so that equal strides "
                "spread over channels"),
        choice("chip.dram.scheduler", {"first_ready", "bank_machines"}, policy<&P::scheduler>,
               "first_ready: the command that is possible first, row hits protected; bank_machines: one request a bank "
               "at a time"),
        choice("chip.dram.page_policy", {"open", "closed", "timeout"}, policy<&P::page_policy>,
               "when a row is closed: for another one; when no queued request hits it; after page_timeout"),
        ranged("chip.dram.page_timeout", "cycles", refresh_cycles, policy<&P::page_timeout>,
               "a row is closed that long after its last use; for page_policy = timeout"),
        ranged("chip.dram.read_queue", "bursts", queue_entries, policy<&P::read_queue>, "read queue of a channel"),
        ranged("chip.dram.write_queue", "bursts", queue_entries, policy<&P::write_queue>, "write queue of a channel"),
        ranged("chip.dram.write_high", "bursts", {0, 1024}, policy<&P::write_high>,
               "with more in the write queue the controller turns to writing"),
        ranged("chip.dram.write_low", "bursts", {0, 1024}, policy<&P::write_low>,
               "with that many or fewer it turns back, if reads wait"),
        choice("chip.dram.refresh", {"off", "all_bank", "per_bank", "same_bank"}, policy<&P::refresh>,
               "which banks one refresh takes: all, one, or one in every group"),
        ranged("chip.dram.accept_interval", "cycles", {0, 100}, policy<&P::accept_interval>,
               "between the arrivals of two bursts of one direction at a channel; 0: any number in a cycle"),
        ranged("chip.dram.front_end", "cycles", command_cycles, policy<&P::front_end>,
               "a request's way through controller and PHY, there and back"),
        boolean("chip.dram.early_write_answer", policy<&P::early_write_answer>,
                "a write is answered when the controller has accepted it: front_end is of reads alone"),
    };
}

std::vector<Parameter> timing_parameters() {
    using T = ip::DramTiming;
    return {
        ranged("chip.dram.timing.period", "ps", {100, 1'000'000}, timing<&T::period>,
               "of the command clock, in whose cycles all other times are"),
        ranged("chip.dram.timing.burst", "cycles", {1, 256}, timing<&T::burst>, "data bus taken by a burst"),
        ranged("chip.dram.timing.rl", "cycles", some_cycles, timing<&T::rl>, "read latency: RD to its first data"),
        ranged("chip.dram.timing.wl", "cycles", some_cycles, timing<&T::wl>, "write latency: WR to its first data"),
        ranged("chip.dram.timing.rcd_read", "cycles", some_cycles, timing<&T::rcd_read>, "ACT to RD"),
        ranged("chip.dram.timing.rcd_write", "cycles", some_cycles, timing<&T::rcd_write>, "ACT to WR"),
        ranged("chip.dram.timing.rp", "cycles", some_cycles, timing<&T::rp>, "PRE to ACT"),
        ranged("chip.dram.timing.rp_all", "cycles", some_cycles, timing<&T::rp_all>, "PRE of all banks to ACT"),
        ranged("chip.dram.timing.ras", "cycles", some_cycles, timing<&T::ras>, "ACT to PRE"),
        ranged("chip.dram.timing.rc", "cycles", some_cycles, timing<&T::rc>, "ACT to ACT of the same bank"),
        ranged("chip.dram.timing.rtp", "cycles", command_cycles, timing<&T::rtp>, "RD to PRE"),
        ranged("chip.dram.timing.wr", "cycles", command_cycles, timing<&T::wr>, "end of write data to PRE"),
        ranged("chip.dram.timing.ccd_s", "cycles", some_cycles, timing<&T::ccd_s>,
               "RD to RD and WR to WR, different groups"),
        ranged("chip.dram.timing.ccd_l", "cycles", some_cycles, timing<&T::ccd_l>, "RD to RD, the same group"),
        ranged("chip.dram.timing.ccd_l_write", "cycles", some_cycles, timing<&T::ccd_l_write>,
               "WR to WR, the same group"),
        ranged("chip.dram.timing.rtw", "cycles", some_cycles, timing<&T::rtw>, "RD to WR"),
        ranged("chip.dram.timing.wtr_s", "cycles", command_cycles, timing<&T::wtr_s>,
               "end of write data to RD, different groups"),
        ranged("chip.dram.timing.wtr_l", "cycles", command_cycles, timing<&T::wtr_l>,
               "end of write data to RD, the same group"),
        ranged("chip.dram.timing.rrd_s", "cycles", some_cycles, timing<&T::rrd_s>, "ACT to ACT, different groups"),
        ranged("chip.dram.timing.rrd_l", "cycles", some_cycles, timing<&T::rrd_l>, "ACT to ACT, the same group"),
        ranged("chip.dram.timing.faw", "cycles", command_cycles, timing<&T::faw>,
               "window that holds at most four ACTs"),
        ranged("chip.dram.timing.rfc", "cycles", refresh_cycles, timing<&T::rfc>, "refresh of all banks"),
        ranged("chip.dram.timing.rfc_bank", "cycles", refresh_cycles, timing<&T::rfc_bank>,
               "refresh of one bank, or of one bank in every group"),
        ranged("chip.dram.timing.refi", "cycles", refresh_cycles, timing<&T::refi>,
               "average time between refreshes of all banks"),
        ranged("chip.dram.timing.act_slots", "cycles", bus_slots, timing<&T::act_slots>, "command bus taken by ACT"),
        ranged("chip.dram.timing.column_slots", "cycles", bus_slots, timing<&T::column_slots>,
               "command bus taken by RD and WR"),
        ranged("chip.dram.timing.precharge_slots", "cycles", bus_slots, timing<&T::precharge_slots>,
               "command bus taken by PRE and REF"),
        ranged("chip.dram.timing.aad", "cycles", {0, 100}, timing<&T::aad>,
               "ACT comes in two commands with at most that many cycles between them; 0: in one"),
        ranged("chip.dram.timing.sync_slots", "cycles", {0, 16}, timing<&T::sync_slots>,
               "command bus taken before RD or WR when the data clock has stopped; 0: it never stops"),
        ranged("chip.dram.timing.clock_hold", "cycles", command_cycles, timing<&T::clock_hold>,
               "the data clock goes on after the last data"),
    };
}

std::vector<Parameter> organisation_parameters() {
    using O = ip::DramOrganisation;
    return {
        ranged("chip.dram.organisation.pseudo_channels", "", powers_of_two(1, 8), organisation<&O::pseudo_channels>,
               "parts of a channel with banks and a data bus of their own"),
        ranged("chip.dram.organisation.groups", "", powers_of_two(1, 64), organisation<&O::groups>,
               "bank groups of a pseudo channel"),
        ranged("chip.dram.organisation.banks", "", powers_of_two(1, 64), organisation<&O::banks>, "banks of a group"),
        ranged("chip.dram.organisation.row_bytes", "bytes", powers_of_two(64, 64 * kibi), organisation<&O::row_bytes>,
               "row of a bank, over all devices of a channel"),
        ranged("chip.dram.organisation.burst_bytes", "bytes", powers_of_two(4, 4 * kibi), organisation<&O::burst_bytes>,
               "moved by one RD or WR"),
        boolean("chip.dram.organisation.column_bus", organisation<&O::column_bus>,
                "RD and WR have a command bus of their own"),
    };
}

} // namespace

std::vector<Parameter> dram_parameters() {
    std::vector<Parameter> all = controller_parameters();
    for (const auto& section : {organisation_parameters(), timing_parameters()})
        all.insert(all.end(), section.begin(), section.end());
    return all;
}

} // namespace gradus::scenario
