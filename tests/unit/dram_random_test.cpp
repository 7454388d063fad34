// SPDX-License-Identifier: Apache-2.0
// Random traffic on every standard under every policy: no rule of the standards is broken, every request is served
// once, and it does not matter how far ahead the model decides.
#include <map>
#include <random>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ip/memory/dram_controller_core.h"
#include "tests/support/dram_checker.h"
#include "tests/support/dram_standards.h"

namespace gradus::ip {

static bool operator==(const DramCommand& a, const DramCommand& b) {
    return std::tie(a.at, a.kind, a.banks, a.row, a.automatic) == std::tie(b.at, b.kind, b.banks, b.row, b.automatic);
}

namespace dram_random_test {
namespace {

using test::broken_dram_rules;
using test::dram_standard;
using test::dram_standards;
using ::testing::IsEmpty;

constexpr unsigned seed = 20260;

struct Request {
    DramBurst burst;
    bool write = false;
    Cycles arrival = 0;
};

/// Bursts that come in runs: along a row, over the banks, or all over a few rows; back to back, or with pauses.
std::vector<Request> random_traffic(const DramParameters& parameters, unsigned count, std::mt19937& random) {
    const auto below = [&](unsigned limit) { return static_cast<unsigned>(random() % limit); };
    const unsigned banks = parameters.organisation.banks_per_channel();
    const auto columns = static_cast<unsigned>(parameters.organisation.row_bytes / parameters.organisation.burst_bytes);
    std::vector<Request> traffic;
    Cycles arrival = 0;
    while (traffic.size() < count) {
        const unsigned run = 1 + below(24), stride = below(3), rows = 1 + below(3);
        const bool write = below(2) == 0, mixed = below(4) == 0;
        const unsigned first = below(banks);
        if (below(3) == 0) arrival += below(4) == 0 ? below(800) : below(40);
        for (unsigned i = 0; i < run && traffic.size() < count; ++i) {
            if (below(3) == 0) ++arrival;
            Request request;
            request.burst.bank = stride == 2 ? below(banks) : (first + stride * i) % banks;
            request.burst.row = stride == 0 ? first % 3 : below(rows);
            request.burst.column = below(columns);
            request.burst.owner = static_cast<std::uint32_t>(traffic.size());
            request.write = mixed ? below(2) == 0 : write;
            request.arrival = arrival;
            traffic.push_back(request);
        }
    }
    return traffic;
}

/// A channel and all that it reports.
class Channel : private DramListener {
public:
    struct Served {
        unsigned accepted = 0;
        unsigned transferred = 0;
        Cycles accepted_at = 0;
        Cycles data_end = 0;
        bool operator==(const Served& other) const {
            return std::tie(accepted, transferred, accepted_at, data_end) ==
                   std::tie(other.accepted, other.transferred, other.accepted_at, other.data_end);
        }
    };

    explicit Channel(const DramParameters& parameters)
        : core(parameters.timing, parameters.organisation, parameters.policy, listener()) {
        core.record(&log);
    }

    /// `step`: how far is decided at once, from the first arrival on; 0: everything in one go.
    void play(const std::vector<Request>& traffic, Cycles end, Cycles step) {
        served.resize(traffic.size());
        Cycles decided = 0;
        for (const Request& request : traffic) {
            if (step > 0)
                for (; decided + step <= request.arrival; decided += step)
                    core.advance(decided + step);
            core.submit(request.burst, request.write, request.arrival);
        }
        if (step > 0)
            for (; decided < end; decided += step)
                core.advance(decided);
        core.advance(end);
    }

    std::vector<DramCommand> log;
    std::vector<Served> served;
    DramChannelCore core;

private:
    DramListener& listener() { return *this; }
    void accepted(std::uint32_t owner, bool, Cycles at) override {
        ++served[owner].accepted;
        served[owner].accepted_at = at;
    }
    void transferred(std::uint32_t owner, bool, Cycles at) override {
        ++served[owner].transferred;
        served[owner].data_end = at;
    }
};

/// Every burst is accepted and served once. A burst is served by the one data command in its bank, row and direction
/// whose data end when the burst's do; a read without one was answered by a write that was still on its way.
void expect_all_served(const DramParameters& parameters, const std::vector<Request>& traffic, const Channel& channel) {
    using Key = std::tuple<std::uint64_t, std::uint32_t, bool, Cycles>;
    std::map<Key, unsigned> commands;
    const DramTiming& timing = parameters.timing;
    const Cycles tail = timing.burst + timing.column_slots - 1;
    for (const DramCommand& command : channel.log) {
        if (command.kind != DramCommand::Kind::read && command.kind != DramCommand::Kind::write) continue;
        const bool write = command.kind == DramCommand::Kind::write;
        ++commands[{command.banks, command.row, write, command.at + (write ? timing.wl : timing.rl) + tail}];
    }
    std::uint64_t forwarded = 0;
    for (std::size_t i = 0; i < traffic.size(); ++i) {
        const Request& request = traffic[i];
        const Channel::Served& served = channel.served[i];
        ASSERT_EQ(served.accepted, 1u) << "burst " << i;
        ASSERT_EQ(served.transferred, 1u) << "burst " << i;
        ASSERT_GE(served.accepted_at, request.arrival);
        const auto command =
            commands.find({std::uint64_t{1} << request.burst.bank, request.burst.row, request.write, served.data_end});
        if (command != commands.end() && command->second > 0) {
            --command->second;
            continue;
        }
        ASSERT_FALSE(request.write) << "burst " << i;
        ++forwarded;
        EXPECT_EQ(served.data_end, served.accepted_at + timing.rl + tail);
        bool on_its_way = false;
        for (std::size_t k = 0; k < traffic.size() && !on_its_way; ++k)
            on_its_way = traffic[k].write && traffic[k].burst.bank == request.burst.bank &&
                         traffic[k].burst.row == request.burst.row && traffic[k].burst.column == request.burst.column &&
                         channel.served[k].accepted_at <= served.accepted_at &&
                         channel.served[k].data_end > served.accepted_at;
        EXPECT_TRUE(on_its_way) << "burst " << i;
    }
    for (const auto& [key, left] : commands)
        EXPECT_EQ(left, 0u) << "a data command that nobody asked for, data end at " << std::get<3>(key);
    EXPECT_EQ(forwarded, channel.core.counters().forwarded);
}

Cycles end_of(const std::vector<Request>& traffic) { return traffic.back().arrival + 200 * traffic.size() + 10'000; }

template <class Action>
void for_each_policy(const DramParameters& standard, Action&& action) {
    for (const DramScheduler scheduler : {DramScheduler::first_ready, DramScheduler::bank_machines})
        for (const DramPagePolicy page : {DramPagePolicy::open, DramPagePolicy::closed, DramPagePolicy::timeout})
            for (const DramRefresh refresh :
                 {DramRefresh::off, DramRefresh::all_bank, DramRefresh::per_bank, DramRefresh::same_bank}) {
                DramParameters parameters = standard;
                parameters.policy.scheduler = scheduler;
                parameters.policy.page_policy = page;
                parameters.policy.page_timeout = 60;
                parameters.policy.refresh = refresh;
                if (find_misfit(parameters)) continue;
                SCOPED_TRACE(testing::Message() << "scheduler " << static_cast<int>(scheduler) << ", page policy "
                                                << static_cast<int>(page) << ", refresh " << static_cast<int>(refresh));
                action(parameters);
            }
}

class DramStandard : public testing::TestWithParam<std::string> {};

TEST_P(DramStandard, RandomTrafficBreaksNoRuleAndLosesNoRequestUnderAnyPolicy) {
    std::mt19937 random(seed);
    unsigned combinations = 0;
    for_each_policy(dram_standard(GetParam()), [&](const DramParameters& parameters) {
        const std::vector<Request> traffic = random_traffic(parameters, 800, random);
        const Cycles end = end_of(traffic);
        Channel channel(parameters);
        channel.play(traffic, end, 0);
        EXPECT_TRUE(channel.core.idle());
        // Refreshes that nobody was there to see are counted, not issued.
        const Cycles last = channel.log.back().at;
        EXPECT_THAT(broken_dram_rules(parameters, channel.log, last), IsEmpty()) << "seed " << seed;
        expect_all_served(parameters, traffic, channel);
        ++combinations;
    });
    EXPECT_GE(combinations, 12u) << "all-bank refresh and none fit every standard";
}

TEST_P(DramStandard, DecidingCycleByCycleOrInOneGoGivesTheSameCommands) {
    std::mt19937 random(seed + 1);
    for_each_policy(dram_standard(GetParam()), [&](DramParameters parameters) {
        parameters.policy.accept_interval = random() % 3;
        const std::vector<Request> traffic = random_traffic(parameters, 250, random);
        const Cycles end = traffic.back().arrival + parameters.timing.refi;
        Channel at_once(parameters);
        at_once.play(traffic, end, 0);
        for (const Cycles step : {Cycles{1}, 2 + random() % 60}) {
            Channel stepped(parameters);
            stepped.play(traffic, end, step);
            EXPECT_TRUE(stepped.log == at_once.log) << "step " << step << ", seed " << seed + 1;
            EXPECT_TRUE(stepped.served == at_once.served) << "step " << step << ", seed " << seed + 1;
        }
    });
}

INSTANTIATE_TEST_SUITE_P(Shipped, DramStandard, testing::ValuesIn(dram_standards()), [](const auto& tested) {
    std::string name = tested.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

/// What the checker says of a good log after `damage`.
template <class Damage>
std::vector<std::string> complaints(Damage&& damage) {
    std::mt19937 random(seed + 2);
    DramParameters parameters = dram_standard("ddr4-2400");
    parameters.timing.refi = 1200;
    const std::vector<Request> traffic = random_traffic(parameters, 800, random);
    Channel channel(parameters);
    channel.play(traffic, end_of(traffic), 0);
    std::vector<DramCommand> log = channel.log;
    EXPECT_THAT(broken_dram_rules(parameters, log, log.back().at), IsEmpty());
    damage(log);
    return broken_dram_rules(parameters, log, log.back().at);
}

TEST(DramChecker, CatchesEveryCommandThatIsMissing) {
    using Kind = DramCommand::Kind;
    for (const Kind kind : {Kind::activate, Kind::precharge, Kind::refresh}) {
        const auto found = complaints([&](std::vector<DramCommand>& log) {
            const auto gone =
                std::find_if(log.begin(), log.end(), [&](const DramCommand& command) { return command.kind == kind; });
            log.erase(gone);
        });
        EXPECT_FALSE(found.empty()) << "kind " << static_cast<int>(kind);
    }
}

TEST(DramChecker, CatchesACommandThatIsOneCycleEarlyWhereverTheModelIsTight) {
    // Of a stream of reads over all banks nearly every command stands at its gate.
    DramParameters parameters = dram_standard("ddr4-2400");
    parameters.policy.refresh = DramRefresh::off;
    std::vector<Request> traffic;
    for (std::uint32_t i = 0; i < 200; ++i)
        traffic.push_back({{i % 16, i / 64, i / 16 % 4, i}, false, 0});
    Channel channel(parameters);
    channel.play(traffic, end_of(traffic), 0);
    unsigned caught = 0;
    for (std::size_t i = 1; i < channel.log.size(); ++i) {
        std::vector<DramCommand> log = channel.log;
        --log[i].at;
        caught += !broken_dram_rules(parameters, log, log.back().at).empty();
    }
    EXPECT_GT(caught, (channel.log.size() - 1) * 9 / 10);
}

TEST(DramChecker, CatchesAWrongRowAndALateRefresh) {
    const auto other_row = complaints([](std::vector<DramCommand>& log) {
        for (DramCommand& command : log)
            if (command.kind == DramCommand::Kind::read) {
                ++command.row;
                return;
            }
    });
    ASSERT_EQ(other_row.size(), 1u);
    EXPECT_THAT(other_row[0], testing::HasSubstr("in another row"));

    DramParameters parameters = dram_standard("ddr4-2400");
    const auto late = broken_dram_rules(
        parameters, {{2 * parameters.timing.refi + 1, DramCommand::Kind::refresh, 0xffff, 0, false}}, 0);
    ASSERT_EQ(late.size(), 1u);
    EXPECT_THAT(late[0], testing::HasSubstr("late"));
    EXPECT_THAT(broken_dram_rules(parameters, {}, 2 * parameters.timing.refi + 1), testing::SizeIs(1));
}

/// Requests of all sizes at a DRAM of several channels.
TEST(DramController, ReleasesEveryRequestOnceWithItsLastBurst) {
    for (const std::string& name : dram_standards()) {
        DramParameters parameters = dram_standard(name, {"chip.dram.channels=3", "chip.dram.bytes=0x18000000"});
        DramControllerCore controller(parameters);
        std::vector<std::vector<DramCommand>> logs(parameters.channels);
        for (unsigned channel = 0; channel < parameters.channels; ++channel)
            controller.record(channel, &logs[channel]);
        std::mt19937_64 random(seed + 3);
        std::map<DramControllerCore::Id, MemoryRequest> open;
        unsigned released = 0;
        const auto collect = [&] {
            for (const auto id : controller.take_released()) {
                ASSERT_EQ(open.count(id), 1u) << "seed " << seed + 3;
                EXPECT_GT(*controller.release(id), open[id].arrival);
                open.erase(id);
                controller.forget(id);
                ++released;
            }
        };
        Picoseconds now = 0;
        std::uint64_t bursts = 0;
        constexpr unsigned requests = 300;
        for (unsigned i = 0; i < requests; ++i) {
            now += random() % 3 == 0 ? random() % 60'000 : 0;
            const Bytes bytes = 1 + random() % 600;
            const MemoryRequest request{now, random() % (parameters.bytes - bytes), bytes, random() % 2 == 0};
            const Bytes burst = parameters.organisation.burst_bytes;
            bursts += (request.offset + bytes - 1) / burst - request.offset / burst + 1;
            const auto id = controller.submit(request, now);
            if (controller.release(id)) { // posted at once
                controller.forget(id);
                ++released;
            } else {
                open[id] = request;
            }
            collect();
        }
        controller.finish();
        collect();
        EXPECT_EQ(released, requests) << name;
        const DramRowCounters rows = controller.rows();
        EXPECT_EQ(rows.hits + rows.misses + rows.conflicts + rows.forwarded, bursts) << name;
        EXPECT_EQ(controller.bursts().read + controller.bursts().written, bursts) << name;
        for (const std::vector<DramCommand>& log : logs)
            EXPECT_THAT(broken_dram_rules(parameters, log, 0), IsEmpty()) << name;
    }
}

Cycles answer(DramParameters parameters, bool early, const MemoryRequest& request) {
    parameters.policy.early_write_answer = early;
    DramControllerCore controller(parameters);
    const auto id = controller.submit(request, 0);
    controller.finish();
    return *controller.release(id) / parameters.timing.period;
}

// An empty DRAM takes a write at once and says so a cycle later; a read opens its row (tRCD 17), waits for its data
// (RL 17) and their end (4). The way through controller and PHY is on top, of an early answer to a write it is not.
TEST(DramController, AnEarlyAnswerToAWriteLeavesOutTheFrontEndAndAReadNeverDoes) {
    DramParameters parameters = dram_standard("ddr4-2400");
    parameters.policy.front_end = 50;
    const MemoryRequest read{0, 0, 64, false}, write{0, 0, 64, true};
    EXPECT_EQ(answer(parameters, false, write), 1u + 50);
    EXPECT_EQ(answer(parameters, true, write), 1u);
    EXPECT_EQ(answer(parameters, false, read), 17u + 17 + 4 + 50);
    EXPECT_EQ(answer(parameters, true, read), 17u + 17 + 4 + 50);
}

TEST(DramController, AWriteThatWaitsForRoomInTheQueueIsAnsweredNoEarlierThanItGetsIt) {
    DramParameters parameters = dram_standard("ddr4-2400");
    parameters.policy.front_end = 50;
    const MemoryRequest large{0, 0, 64 * 100, true}; // 100 bursts into a queue of 32
    const Cycles early = answer(parameters, true, large);
    EXPECT_GT(early, (100u - 32) * parameters.timing.burst) << "all but a queue of them were written by then";
    EXPECT_EQ(answer(parameters, false, large), early + 50);
}

TEST(DramController, PartsOfABurstCountAsAWholeOne) {
    DramControllerCore controller(dram_standard("ddr4-2400")); // bursts of 64 bytes
    controller.submit({0, 8, 4, false}, 0);
    controller.submit({0, 60, 8, false}, 0); // across a boundary
    controller.submit({0, 0, 256, true}, 0);
    EXPECT_EQ(controller.bursts().read, 1u + 2);
    EXPECT_EQ(controller.bursts().written, 4u);
}

} // namespace
} // namespace dram_random_test
} // namespace gradus::ip
