// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/time_accounts.h"

#include <map>
#include <random>
#include <stdexcept>

#include <gmock/gmock.h>

namespace gradus::observe::recorder_accounts_test {
namespace {

using ip::Activity;
using ip::Picoseconds;

Picoseconds of(const Usage& usage, Activity activity) { return usage.by_activity[static_cast<std::size_t>(activity)]; }

TEST(TimeAccounts, ASpanIsCutWhereOwnersChange) {
    TimeAccounts accounts({false});
    accounts.charge(100, 1);
    accounts.charge(130, 2);
    accounts.charge(200, 1);
    accounts.add(0, 20, 90, Activity::busy);
    accounts.add(0, 90, 160, Activity::stall_fence);
    accounts.finish(200);
    EXPECT_EQ(accounts.owners().at(1).time, 170u);
    EXPECT_EQ(accounts.owners().at(2).time, 30u);
    EXPECT_EQ(of(accounts.owners().at(1).units[0], Activity::busy), 70u);
    EXPECT_EQ(of(accounts.owners().at(1).units[0], Activity::stall_fence), 10u + 30u) << "90 to 100 and 130 to 160";
    EXPECT_EQ(of(accounts.owners().at(2).units[0], Activity::stall_fence), 30u);
}

TEST(TimeAccounts, ASpanMayBeReportedLongBeforeOrAfterItsTimeIsCharged) {
    TimeAccounts accounts({false, false});
    accounts.add(0, 0, 300, Activity::busy);
    accounts.charge(100, 1);
    accounts.charge(400, 2);
    accounts.add(1, 50, 250, Activity::stall_memory);
    accounts.finish(400);
    EXPECT_EQ(of(accounts.owners().at(1).units[0], Activity::busy), 100u);
    EXPECT_EQ(of(accounts.owners().at(2).units[0], Activity::busy), 200u);
    EXPECT_EQ(of(accounts.owners().at(1).units[1], Activity::stall_memory), 50u);
    EXPECT_EQ(of(accounts.owners().at(2).units[1], Activity::stall_memory), 150u);
}

std::vector<StepAccount> taken(TimeAccounts& accounts) {
    std::vector<StepAccount> steps;
    while (std::optional<StepAccount> step = accounts.take_step())
        steps.push_back(std::move(*step));
    return steps;
}

TEST(TimeAccounts, AStepIsTakenWhenNoSpanOfItCanBeMissing) {
    TimeAccounts accounts({false, false});
    EXPECT_FALSE(accounts.take_step()) << "no step has been closed";
    accounts.rests(1);
    accounts.close_step(100);
    EXPECT_FALSE(accounts.take_step()) << "the first unit has not said what it did";
    accounts.add(0, 80, 130, Activity::busy);
    accounts.charge(140, 1);
    accounts.close_step(150);
    const std::optional<StepAccount> first = accounts.take_step();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->whole.time, 100u);
    EXPECT_EQ(first->whole.units[0].busy(), 20u);
    EXPECT_FALSE(accounts.take_step()) << "the first unit may have worked from 130 on";
    accounts.add(0, 130, 145, Activity::busy);
    accounts.finish(200);
    const std::vector<StepAccount> rest = taken(accounts);
    ASSERT_EQ(rest.size(), 2u) << "the second step, and what follows it";
    EXPECT_EQ(rest[0].whole.units[0].busy(), 45u);
    EXPECT_EQ(rest[1].whole.time, 50u);
}

TEST(TimeAccounts, ASpanAcrossTheEndOfAStepIsPartOfBoth) {
    TimeAccounts accounts({false});
    accounts.charge(100, 1);
    accounts.close_step(120);
    accounts.add(0, 60, 170, Activity::busy);
    accounts.charge(170, 1);
    accounts.close_step(170);
    accounts.finish(200);
    const std::vector<StepAccount> steps = taken(accounts);
    ASSERT_EQ(steps.size(), 3u);
    EXPECT_EQ(steps[0].whole.time, 120u);
    EXPECT_EQ(steps[0].whole.units[0].busy(), 60u);
    EXPECT_EQ(steps[1].whole.time, 50u);
    EXPECT_EQ(steps[1].whole.units[0].busy(), 50u);
    EXPECT_EQ(steps[2].whole.time, 30u) << "after the last step";
    EXPECT_EQ(accounts.owners().at(TimeAccounts::nobody).time, 20u + 30u);
}

TEST(TimeAccounts, AMixtureOfBusyAndStalledTimeIsEven) {
    TimeAccounts accounts({true, false});
    for (const ip::UnitId unit : {0, 1}) {
        accounts.add(unit, 0, 75, Activity::busy);
        accounts.add(unit, 75, 100, Activity::stall_bus);
    }
    accounts.charge(40, 1);
    accounts.charge(100, 2);
    accounts.finish(100);
    EXPECT_EQ(of(accounts.owners().at(1).units[0], Activity::busy), 30u);
    EXPECT_EQ(of(accounts.owners().at(1).units[0], Activity::stall_bus), 10u);
    EXPECT_EQ(of(accounts.owners().at(2).units[0], Activity::busy), 45u);
    EXPECT_EQ(of(accounts.owners().at(1).units[1], Activity::busy), 40u) << "another unit means what it says";
}

TEST(TimeAccounts, AUnitThatWasSaidToRestCannotHaveWorked) {
    TimeAccounts accounts({false});
    accounts.add(0, 0, 10, Activity::busy);
    accounts.rests(0);
    accounts.charge(100, 1);
    accounts.close_step(100);
    EXPECT_THROW(accounts.add(0, 50, 60, Activity::busy), std::logic_error);
}

// Units with random spans, charges that trail behind or run ahead, steps at random: at every level, what a unit did and
// its idle time are the level's time, and all levels together are the run. A second, naive account agrees.
TEST(TimeAccounts, AgreeWithALedgerOfEveryPicosecond) {
    for (unsigned seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random(seed);
        constexpr std::size_t units = 4;
        constexpr std::size_t most = 6000;
        TimeAccounts accounts(std::vector<bool>(units, false));
        std::vector<std::vector<int>> doing(units, std::vector<int>(most, -1)); // by unit and picosecond
        std::vector<std::pair<unsigned, unsigned>> whose;                       // owner and step by picosecond
        std::vector<Picoseconds> free(units);
        std::vector<bool> resting(units);
        unsigned step = 0;
        std::vector<StepAccount> closed; // in random moments, when the accounts say that they are complete
        while (whose.size() < most - 200) {
            if (random() % 7 == 0)
                for (StepAccount& account : taken(accounts))
                    closed.push_back(std::move(account));
            const ip::UnitId unit = random() % units;
            if (random() % 3 == 0) {
                const unsigned owner = 1 + random() % 3;
                const std::size_t until = whose.size() + random() % 60;
                accounts.charge(until, owner);
                whose.resize(std::max(whose.size(), until), {owner, step});
            } else if (random() % 8 == 0) {
                const std::size_t until = whose.size() + random() % 20;
                accounts.close_step(until);
                whose.resize(std::max(whose.size(), until), {TimeAccounts::nobody, step});
                ++step;
            } else if (random() % 5 == 0) {
                accounts.rests(unit);
                resting[unit] = true;
            } else {
                if (resting[unit]) {
                    free[unit] = std::max<Picoseconds>(free[unit], whose.size());
                    accounts.wakes(unit, free[unit]);
                    resting[unit] = false;
                }
                const Picoseconds begin = free[unit] + random() % 30, end = begin + random() % 90;
                if (end > whose.size() + 100) continue;
                const auto activity = static_cast<Activity>(random() % ip::activity_count);
                accounts.add(unit, begin, end, activity);
                std::fill(doing[unit].begin() + static_cast<std::ptrdiff_t>(begin),
                          doing[unit].begin() + static_cast<std::ptrdiff_t>(end), static_cast<int>(activity));
                free[unit] = end;
            }
        }
        accounts.finish(most);
        whose.resize(most, {TimeAccounts::nobody, step});

        EXPECT_GT(closed.size(), step / 2) << "most steps do not wait for the end of the run";
        for (StepAccount& account : taken(accounts))
            closed.push_back(std::move(account));
        ASSERT_EQ(closed.size(), step + 1);
        std::map<unsigned, Account> owners, steps;
        std::map<std::pair<unsigned, unsigned>, Account> parts; // by step and owner
        for (Picoseconds time = 0; time < most; ++time)
            for (Account* account : {&owners[whose[time].first], &steps[whose[time].second],
                                     &parts[{whose[time].second, whose[time].first}]}) {
                account->units.resize(units);
                ++account->time;
                for (ip::UnitId unit = 0; unit < units; ++unit)
                    if (doing[unit][time] >= 0) ++account->units[unit].by_activity[doing[unit][time]];
            }
        const auto expect_same = [&](const Account& actual, const Account& expected) {
            EXPECT_EQ(actual.time, expected.time);
            for (ip::UnitId unit = 0; unit < units; ++unit)
                EXPECT_EQ(actual.units[unit].by_activity, expected.units[unit].by_activity) << "unit " << unit;
        };
        for (const auto& [owner, account] : owners)
            expect_same(accounts.owners().at(owner), account);
        for (const auto& [number, account] : steps)
            expect_same(closed[number].whole, account);
        for (const auto& [place, account] : parts)
            expect_same(closed[place.first].owners.at(place.second), account);
    }
}

} // namespace
} // namespace gradus::observe::recorder_accounts_test
