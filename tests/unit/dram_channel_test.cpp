// SPDX-License-Identifier: Apache-2.0
// One channel, command by command. Two groups of four banks: 0 to 3 and 4 to 7. Without mention, times are those of
// DramTiming's defaults: tRCD 6, tRP 6, tRAS 15, tRC 21, tRTP 4, tWR 6, tCCD 4, tRTW 7, tWTR 4, tRRD 4, tFAW 20, RL 6,
// WL 5, four cycles of data.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ip/memory/dram_channel_core.h"

namespace gradus::ip::dram_channel_test {
namespace {

using ::testing::ElementsAre;
using Kind = DramCommand::Kind;

struct Request {
    Cycles at = 0;
    unsigned bank = 0;
    std::uint32_t row = 0;
    bool write = false;
    std::uint32_t column = 0;
};
using Requests = std::vector<Request>;
constexpr bool write = true;
constexpr bool read = false;

class Channel : private DramListener {
public:
    Channel() {
        organisation.groups = 2;
        organisation.banks = 4;
        policy.refresh = DramRefresh::off;
    }

    const std::vector<DramCommand>& play(const Requests& requests, Cycles until = 2000) {
        log.clear();
        accepted_at.assign(requests.size(), 0);
        data_end.assign(requests.size(), 0);
        DramListener& listener = *this;
        DramChannelCore core(timing, organisation, policy, listener);
        core.record(&log);
        std::uint32_t owner = 0;
        for (const Request& each : requests)
            core.submit({each.bank, each.row, each.column, owner++}, each.write, each.at);
        core.advance(until);
        counters = core.counters();
        return log;
    }

    /// "time command banks", such as "6 RD 0".
    std::vector<std::string> text(const Requests& requests, Cycles until = 2000) {
        static const char* const names[] = {"ACT", "ACT-2", "PRE", "RD", "WR", "REF"};
        std::vector<std::string> lines;
        for (const DramCommand& command : play(requests, until)) {
            std::string line = std::to_string(command.at) + " " + (command.automatic ? "auto-" : "") +
                               names[static_cast<int>(command.kind)];
            for (unsigned bank = 0; bank < 64; ++bank)
                if (command.banks >> bank & 1) line += " " + std::to_string(bank);
            lines.push_back(line);
        }
        return lines;
    }

    DramTiming timing;
    DramOrganisation organisation;
    DramPolicy policy;
    std::vector<DramCommand> log;
    std::vector<Cycles> accepted_at;
    std::vector<Cycles> data_end;
    DramChannelCounters counters;

private:
    void accepted(std::uint32_t owner, bool, Cycles at) override { accepted_at[owner] = at; }
    void transferred(std::uint32_t owner, bool, Cycles at) override { data_end[owner] = at; }
};

/// The n-th command of a kind in a bank.
struct Which {
    Kind kind;
    unsigned bank = 0;
    unsigned number = 0;
};

Cycles time_of(const std::vector<DramCommand>& log, const Which& which) {
    unsigned number = 0;
    for (const DramCommand& command : log)
        if (command.kind == which.kind && (command.banks >> which.bank & 1) && number++ == which.number)
            return command.at;
    ADD_FAILURE() << "no such command";
    return 0;
}

/// The second command follows the first after exactly `distance`, and a cycle earlier or later when the parameter is a
/// cycle less or more: nothing else holds it back, and nothing lets it go.
void expect_tight(Channel channel, Cycles DramTiming::*parameter, const Requests& requests, const Which& first,
                  const Which& second, Cycles distance) {
    const auto measured = [&] {
        const std::vector<DramCommand> log = channel.play(requests);
        return time_of(log, second) - time_of(log, first);
    };
    EXPECT_EQ(measured(), distance);
    ++(channel.timing.*parameter);
    EXPECT_EQ(measured(), distance + 1);
    channel.timing.*parameter -= 2;
    EXPECT_EQ(measured(), distance - 1);
}

TEST(DramChannel, AHitIsAReadAMissOpensTheRowAConflictClosesAnotherFirst) {
    Channel channel;
    // Miss: ACT at once, RD after tRCD. Hit: RD tCCD_L later, data end RL + 4 after it. Conflict: the row may close
    // tRAS after its ACT, and tRTP after its last RD at 10; the next opens tRP later.
    EXPECT_THAT(channel.text({{0, 0, 1, read}, {0, 0, 1, read}, {0, 0, 2, read}}),
                ElementsAre("0 ACT 0", "6 RD 0", "10 RD 0", "15 PRE 0", "21 ACT 0", "27 RD 0"));
    EXPECT_THAT(channel.data_end, ElementsAre(16, 20, 37));
    EXPECT_EQ(channel.counters.reads, 3u);
    EXPECT_EQ(channel.counters.activates, 2u);
    EXPECT_EQ(channel.counters.conflicts, 1u);
}

TEST(DramChannel, DataOfAWriteEndWriteLatencyAndBurstAfterIt) {
    Channel channel;
    EXPECT_THAT(channel.text({{3, 0, 1, write}}), ElementsAre("3 ACT 0", "9 WR 0"));
    EXPECT_THAT(channel.data_end, ElementsAre(9 + 5 + 4));
    EXPECT_THAT(channel.accepted_at, ElementsAre(3));
}

TEST(DramChannel, ReadsFollowActivateAfterTrcd) {
    expect_tight({}, &DramTiming::rcd_read, {{0, 0, 1, read}}, {Kind::activate}, {Kind::read}, 6);
}

TEST(DramChannel, WritesFollowActivateAfterTheirOwnTrcd) {
    Channel channel;
    channel.timing.rcd_write = 9;
    expect_tight(channel, &DramTiming::rcd_write, {{0, 0, 1, write}}, {Kind::activate}, {Kind::write}, 9);
}

TEST(DramChannel, ActivateFollowsPrechargeAfterTrp) {
    Channel channel;
    channel.timing.rc = 15; // PRE at 15 by tRAS
    expect_tight(channel, &DramTiming::rp, {{0, 0, 1, read}, {0, 0, 2, read}}, {Kind::precharge},
                 {Kind::activate, 0, 1}, 6);
}

TEST(DramChannel, PrechargeFollowsActivateAfterTras) {
    expect_tight({}, &DramTiming::ras, {{0, 0, 1, read}, {0, 0, 2, read}}, {Kind::activate}, {Kind::precharge}, 15);
}

TEST(DramChannel, ActivateFollowsActivateOfItsBankAfterTrc) {
    Channel channel;
    channel.timing.rc = 40;
    expect_tight(channel, &DramTiming::rc, {{0, 0, 1, read}, {0, 0, 2, read}}, {Kind::activate}, {Kind::activate, 0, 1},
                 40);
}

TEST(DramChannel, PrechargeFollowsReadAfterTrtp) {
    Channel channel;
    channel.timing.rtp = 12; // RD at 6, so tRAS is over by then
    expect_tight(channel, &DramTiming::rtp, {{0, 0, 1, read}, {0, 0, 2, read}}, {Kind::read}, {Kind::precharge}, 12);
}

TEST(DramChannel, PrechargeFollowsTheDataOfAWriteAfterTwr) {
    // WL + four cycles of data + tWR = 15
    expect_tight({}, &DramTiming::wr, {{0, 0, 1, write}, {0, 0, 2, write}}, {Kind::write}, {Kind::precharge}, 15);
}

TEST(DramChannel, ReadsOfTwoGroupsAreTccdShortApart) {
    Channel channel;
    channel.timing.ccd_s = 8;
    channel.timing.ccd_l = 12;
    expect_tight(channel, &DramTiming::ccd_s, {{0, 0, 1, read}, {0, 4, 1, read}}, {Kind::read, 0}, {Kind::read, 4}, 8);
}

TEST(DramChannel, ReadsOfOneGroupAreTccdLongApart) {
    Channel channel;
    channel.timing.ccd_l = 9;
    expect_tight(channel, &DramTiming::ccd_l, {{0, 0, 1, read}, {0, 1, 1, read}}, {Kind::read, 0}, {Kind::read, 1}, 9);
}

TEST(DramChannel, WritesOfTwoGroupsAreTccdShortApart) {
    Channel channel;
    channel.timing.ccd_s = 8;
    channel.timing.ccd_l_write = 12;
    expect_tight(channel, &DramTiming::ccd_s, {{0, 0, 1, write}, {0, 4, 1, write}}, {Kind::write, 0}, {Kind::write, 4},
                 8);
}

TEST(DramChannel, WritesOfOneGroupHaveALongTccdOfTheirOwn) {
    Channel channel;
    channel.timing.ccd_l_write = 11;
    expect_tight(channel, &DramTiming::ccd_l_write, {{0, 0, 1, write}, {0, 0, 1, write}}, {Kind::write},
                 {Kind::write, 0, 1}, 11);
}

TEST(DramChannel, AWriteFollowsAReadAfterTrtw) {
    Channel channel;
    channel.timing.rtw = 9;
    expect_tight(channel, &DramTiming::rtw, {{0, 0, 1, read}, {0, 4, 1, write}}, {Kind::read, 0}, {Kind::write, 4}, 9);
}

TEST(DramChannel, AReadOfAnotherGroupFollowsTheDataOfAWriteAfterTwtrShort) {
    // WL + four cycles of data + tWTR_S = 13
    Channel channel;
    channel.timing.wtr_l = 20;
    expect_tight(channel, &DramTiming::wtr_s, {{0, 0, 1, write}, {1, 4, 1, read}}, {Kind::write, 0}, {Kind::read, 4},
                 13);
}

TEST(DramChannel, AReadOfTheSameGroupFollowsTheDataOfAWriteAfterTwtrLong) {
    Channel channel;
    channel.timing.wtr_l = 8;
    expect_tight(channel, &DramTiming::wtr_l, {{0, 0, 1, write}, {1, 1, 1, read}}, {Kind::write, 0}, {Kind::read, 1},
                 17);
}

TEST(DramChannel, TurnsFromReadToWriteAndBack) {
    Channel channel;
    // RD 6, WR tRTW later, RD after WL + data + tWTR_L. The two rows are opened in between, tRRD_L apart at least; the
    // third request arrives when the second has left its queue.
    EXPECT_THAT(channel.text({{0, 0, 1, read}, {0, 1, 1, write}, {5, 2, 1, read}}),
                ElementsAre("0 ACT 0", "4 ACT 1", "6 RD 0", "8 ACT 2", "13 WR 1", "26 RD 2"));
}

TEST(DramChannel, ActivatesOfTwoGroupsAreTrrdShortApart) {
    Channel channel;
    channel.timing.rcd_read = 12; // the RD would want the same slot
    channel.timing.rrd_s = 5;
    channel.timing.rrd_l = 9;
    expect_tight(channel, &DramTiming::rrd_s, {{0, 0, 1, read}, {0, 4, 1, read}}, {Kind::activate, 0},
                 {Kind::activate, 4}, 5);
}

TEST(DramChannel, ActivatesOfOneGroupAreTrrdLongApart) {
    Channel channel;
    channel.timing.rrd_l = 9;
    expect_tight(channel, &DramTiming::rrd_l, {{0, 0, 1, read}, {0, 1, 1, read}}, {Kind::activate, 0},
                 {Kind::activate, 1}, 9);
}

TEST(DramChannel, AFifthActivateWaitsForTfaw) {
    Channel channel;
    channel.timing.faw = 40;
    const Requests five{{0, 0, 1, read}, {0, 4, 1, read}, {0, 1, 1, read}, {0, 5, 1, read}, {0, 2, 1, read}};
    expect_tight(channel, &DramTiming::faw, five, {Kind::activate, 0}, {Kind::activate, 2}, 40);
    // The fourth does not.
    EXPECT_EQ(time_of(channel.play(five), {Kind::activate, 5}), 12u);
}

TEST(DramChannel, CommandsOfSeveralSlotsCountFromTheirLast) {
    Channel channel;
    channel.timing.act_slots = 4;
    channel.timing.column_slots = 2;
    // ACT takes 0 to 3, so tRCD = 6 ends the two slots of RD at 9: it starts at 8, and its data come a cycle later.
    EXPECT_THAT(channel.text({{0, 0, 1, read}}), ElementsAre("0 ACT 0", "8 RD 0"));
    EXPECT_THAT(channel.data_end, ElementsAre(8 + 1 + 6 + 4));
    expect_tight(channel, &DramTiming::act_slots, {{0, 0, 1, read}}, {Kind::activate}, {Kind::read}, 8);
}

TEST(DramChannel, ACommandOccupiesTheBusForItsSlots) {
    Channel channel;
    channel.timing.act_slots = 9; // tRRD = 4 is over long before
    expect_tight(channel, &DramTiming::act_slots, {{0, 0, 1, read}, {0, 4, 1, read}}, {Kind::activate, 0},
                 {Kind::activate, 4}, 9);
}

TEST(DramChannel, AColumnBusOfItsOwnLetsReadsPassRowCommands) {
    Channel channel;
    channel.timing.act_slots = 9;
    const Requests three{{0, 0, 1, read}, {0, 4, 1, read}, {0, 5, 1, read}};
    // One bus: RD of bank 0 would be possible at 14, but the second ACT holds the bus from 9 to 17.
    EXPECT_EQ(time_of(channel.play(three), {Kind::read, 0}), 18u);
    channel.organisation.column_bus = true;
    EXPECT_EQ(time_of(channel.play(three), {Kind::read, 0}), 14u);
}

TEST(DramChannel, RefreshStallsEveryBankForTrfc) {
    Channel channel;
    channel.policy.refresh = DramRefresh::all_bank;
    channel.timing.refi = 500;
    // The row is open when the refresh is due at 500: PRE, tRPab, REF, tRFC; only then may the read that came meanwhile
    // have its row.
    channel.timing.rp_all = 8;
    const Requests requests{{0, 0, 1, read}, {500, 5, 1, read}};
    EXPECT_THAT(channel.text(requests, 700),
                ElementsAre("0 ACT 0", "6 RD 0", "500 PRE 0", "508 REF 0 1 2 3 4 5 6 7", "572 ACT 5", "578 RD 5"));
    expect_tight(channel, &DramTiming::rp_all, requests, {Kind::precharge}, {Kind::refresh}, 8);
    expect_tight(channel, &DramTiming::rfc, requests, {Kind::refresh}, {Kind::activate, 5}, 64);
    expect_tight(channel, &DramTiming::refi, {}, {Kind::refresh}, {Kind::refresh, 0, 1}, 500);
}

TEST(DramChannel, RefreshWaitsUntilTheLastRowMayClose) {
    Channel channel;
    channel.policy.refresh = DramRefresh::all_bank;
    channel.timing.refi = 500;
    // The row was opened for the write, so the write goes first; then its tWR has to pass.
    EXPECT_THAT(channel.text({{499, 0, 1, write}}, 560),
                ElementsAre("499 ACT 0", "505 WR 0", "520 PRE 0", "526 REF 0 1 2 3 4 5 6 7"));
}

TEST(DramChannel, RefreshOfSingleBanksGoesRoundAndLeavesTheOthersAtWork) {
    Channel channel;
    channel.policy.refresh = DramRefresh::per_bank;
    channel.timing.refi = 800; // eight banks: one every 100
    channel.timing.rfc_bank = 70;
    // Bank 0 waits for its tRFCpb; bank 5 only for tRRD_S, by which a refresh of a bank counts as an ACT.
    const Requests requests{{100, 0, 1, read}, {100, 5, 1, read}};
    EXPECT_THAT(channel.text(requests, 201),
                ElementsAre("100 REF 0", "104 ACT 5", "110 RD 5", "170 ACT 0", "176 RD 0", "200 REF 1"));
    expect_tight(channel, &DramTiming::rfc_bank, requests, {Kind::refresh}, {Kind::activate, 0}, 70);
    expect_tight(channel, &DramTiming::rrd_s, requests, {Kind::refresh}, {Kind::activate, 5}, 4);
}

TEST(DramChannel, RefreshOfTheSameBankTakesOneOfEveryGroup) {
    Channel channel;
    channel.policy.refresh = DramRefresh::same_bank;
    channel.timing.refi = 800; // four of a group: one every 200
    EXPECT_THAT(channel.text({}, 601), ElementsAre("200 REF 0 4", "400 REF 1 5", "600 REF 2 6"));
    channel.timing.rfc_bank = 70;
    expect_tight(channel, &DramTiming::rfc_bank, {{200, 4, 1, read}}, {Kind::refresh, 4}, {Kind::activate, 4}, 70);
}

TEST(DramChannel, PseudoChannelsRefreshEachForThemselves) {
    Channel channel;
    channel.organisation.pseudo_channels = 2;
    channel.organisation.groups = 1;
    channel.policy.refresh = DramRefresh::all_bank;
    channel.timing.refi = 500;
    // Both are due; the row bus has one slot for each.
    EXPECT_THAT(channel.text({}, 600), ElementsAre("500 REF 0 1 2 3", "501 REF 4 5 6 7"));
}

TEST(DramChannel, PseudoChannelsShareTheBusesButNoTimes) {
    Channel channel;
    channel.organisation.pseudo_channels = 2;
    channel.organisation.groups = 1;
    // Neither tRRD nor tCCD holds between them.
    EXPECT_THAT(channel.text({{0, 0, 1, read}, {0, 4, 1, read}}),
                ElementsAre("0 ACT 0", "1 ACT 4", "6 RD 0", "7 RD 4"));
}

TEST(DramChannel, AnActivateInTwoHalvesIsFinishedInTheNextFreeSlot) {
    Channel channel;
    channel.timing.aad = 8;
    EXPECT_THAT(channel.text({{0, 0, 1, read}}), ElementsAre("0 ACT 0", "1 ACT-2 0", "6 RD 0"));
}

TEST(DramChannel, AStoppedDataClockIsStartedBeforeADataCommand) {
    Channel channel;
    channel.timing.sync_slots = 2;
    channel.timing.clock_hold = 3;
    // The sync takes the slots at 6 and 7. Data end at 8 + 6 + 4 = 18, and the clock stops at 21.
    EXPECT_THAT(channel.text({{0, 0, 1, read}, {20, 0, 1, read}, {40, 0, 1, read}}),
                ElementsAre("0 ACT 0", "8 RD 0", "20 RD 0", "42 RD 0"));
    EXPECT_THAT(channel.text({{0, 0, 1, read}, {21, 0, 1, read}}), ElementsAre("0 ACT 0", "8 RD 0", "23 RD 0"));
}

TEST(DramChannel, ClosedPagesCloseWithTheLastBurstThatHitsThem) {
    Channel channel;
    channel.policy.page_policy = DramPagePolicy::closed;
    // The second hits, so the row closes after it: tRTP after RD at 10 is 14, tRAS makes it 15. No slot is taken, and
    // the next ACT comes tRP later, a miss.
    EXPECT_THAT(channel.text({{0, 0, 1, read}, {0, 0, 1, read}, {0, 0, 2, read}}),
                ElementsAre("0 ACT 0", "6 RD 0", "10 RD 0", "15 auto-PRE 0", "21 ACT 0", "27 RD 0", "36 auto-PRE 0"));
    EXPECT_EQ(channel.counters.conflicts, 0u);
}

TEST(DramChannel, UnusedRowsCloseAfterTheTimeout) {
    Channel channel;
    channel.policy.page_policy = DramPagePolicy::timeout;
    channel.policy.page_timeout = 50;
    // Used at 6, so it closes at 56: a hit until then, a miss from then on, and nobody waits for a PRE.
    EXPECT_THAT(channel.text({{0, 0, 1, read}, {55, 0, 1, read}}, 100), ElementsAre("0 ACT 0", "6 RD 0", "55 RD 0"));
    EXPECT_THAT(channel.text({{0, 0, 1, read}, {56, 0, 1, read}}, 100),
                ElementsAre("0 ACT 0", "6 RD 0", "56 auto-PRE 0", "62 ACT 0", "68 RD 0"));
    EXPECT_THAT(channel.text({{0, 0, 1, read}, {54, 0, 2, read}}, 100),
                ElementsAre("0 ACT 0", "6 RD 0", "54 PRE 0", "60 ACT 0", "66 RD 0"));
    EXPECT_EQ(channel.counters.conflicts, 1u);
}

TEST(DramChannel, AReadOfAQueuedWriteIsAnsweredFromTheQueue) {
    Channel channel;
    // Two writes of one bank: the second waits in the queue for its row when the read of its burst arrives.
    channel.play({{0, 0, 1, write}, {0, 0, 2, write, 7}, {3, 0, 2, read, 7}});
    EXPECT_EQ(channel.counters.forwarded, 1u);
    EXPECT_EQ(channel.counters.reads, 0u);
    EXPECT_EQ(channel.data_end[2], 3u + 6 + 4) << "in the time of a row hit";
}

TEST(DramChannel, AFullQueueTakesABurstTheCycleAfterOneLeft) {
    Channel channel;
    channel.policy.read_queue = 2;
    // first_ready: a burst leaves with its ACT, at 0 and, for bank 4, at 4. The fourth takes the slot of the second.
    channel.play({{0, 0, 1, read}, {0, 4, 1, read}, {0, 1, 1, read}, {0, 5, 1, read}});
    EXPECT_THAT(channel.accepted_at, ElementsAre(0, 0, 1, 5));
    // bank_machines: with its RD, at 6 and 10.
    channel.policy.scheduler = DramScheduler::bank_machines;
    channel.play({{0, 0, 1, read}, {0, 4, 1, read}, {0, 1, 1, read}, {0, 5, 1, read}});
    EXPECT_THAT(channel.accepted_at, ElementsAre(0, 0, 7, 11));
}

TEST(DramChannel, TurnsToWritingAboveTheHighMarkAndBackAtTheLow) {
    Channel channel;
    channel.policy.write_queue = 8;
    channel.policy.write_high = 3;
    channel.policy.write_low = 1;
    const auto order = [&](unsigned writes) {
        Requests requests{{0, 0, 1, read}};
        for (unsigned i = 0; i < writes; ++i)
            requests.push_back({1, 4, 1, write});
        for (unsigned i = 0; i < 6; ++i)
            requests.push_back({1, 0, 1, read});
        std::string text;
        for (const DramCommand& command : channel.play(requests))
            if (command.kind == Kind::read || command.kind == Kind::write)
                text += command.kind == Kind::write ? 'W' : 'R';
        return text;
    };
    // Three writes are not more than write_high: they wait until no read is left.
    EXPECT_EQ(order(3), "RRRRRRRWWW");
    // Five are: writes go until one is left. The first read has its row by then.
    EXPECT_EQ(order(5), "RWWWWRRRRRRW");
}

TEST(DramChannel, FirstReadyClosesARowForAnOlderBurstBankMachinesDoNot) {
    Channel channel;
    // Hits on row 1 arrive every few cycles, among them one for row 2.
    Requests requests;
    for (Cycles i = 0; i < 20; ++i)
        requests.push_back({4 * i, 0, 1, read});
    requests.push_back({10, 0, 2, read});
    const auto opened = [&] { return time_of(channel.play(requests), {Kind::activate, 0, 1}); };
    EXPECT_LT(opened(), 60u);
    channel.policy.scheduler = DramScheduler::bank_machines;
    EXPECT_GT(opened(), 80u);
}

TEST(DramChannel, NothingHappensTwiceHoweverFarItIsDecided) {
    Channel channel;
    const auto until_50 = channel.text({{0, 0, 1, read}, {90, 0, 2, read}}, 50);
    const auto until_200 = channel.text({{0, 0, 1, read}, {90, 0, 2, read}}, 200);
    EXPECT_THAT(until_50, ElementsAre("0 ACT 0", "6 RD 0"));
    EXPECT_THAT(until_200, ElementsAre("0 ACT 0", "6 RD 0", "90 PRE 0", "96 ACT 0", "102 RD 0"));
}

} // namespace
} // namespace gradus::ip::dram_channel_test
