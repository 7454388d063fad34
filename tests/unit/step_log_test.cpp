// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/step_log.h"

#include <filesystem>
#include <random>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace gradus::observe::step_log_test {
namespace {

StepRecord record(std::uint32_t number, std::size_t units) {
    std::mt19937_64 random(number);
    StepRecord step{number, random(), random(), static_cast<float>(random() % 1000) / 7};
    for (std::size_t unit = 0; unit < units; ++unit) {
        step.path.push_back(random());
        step.units.emplace_back();
        for (ip::Picoseconds& time : step.units.back().by_activity)
            time = random();
    }
    ip::CommandWork work;
    work.macs = random();
    work.lanes.root = random();
    step.work.add(UnitKind::vector, work);
    return step;
}

void expect_same(const StepRecord& actual, const StepRecord& expected) {
    EXPECT_EQ(actual.step, expected.step);
    EXPECT_EQ(actual.begin, expected.begin);
    EXPECT_EQ(actual.end, expected.end);
    EXPECT_EQ(actual.loss, expected.loss);
    EXPECT_EQ(actual.path, expected.path);
    ASSERT_EQ(actual.units.size(), expected.units.size());
    for (std::size_t unit = 0; unit < actual.units.size(); ++unit)
        EXPECT_EQ(actual.units[unit].by_activity, expected.units[unit].by_activity);
    EXPECT_EQ(actual.work.of(UnitKind::vector).macs, expected.work.of(UnitKind::vector).macs);
    EXPECT_EQ(actual.work.of(UnitKind::vector).lanes.root, expected.work.of(UnitKind::vector).lanes.root);
    EXPECT_EQ(actual.work.of(UnitKind::dma).macs, 0u);
}

TEST(StepLog, GivesEveryRecordBackWhetherItIsInTheBufferOrInTheFile) {
    for (const std::size_t units : {std::size_t{0}, std::size_t{5}})
        for (const std::size_t buffer : {0u, 1u, 5000u, 1u << 20}) {
            SCOPED_TRACE(::testing::Message() << units << " units, buffer of " << buffer);
            StepLog log("", buffer);
            EXPECT_TRUE(log.empty());
            for (std::uint32_t step = 0; step < 100; ++step) {
                log.push_back(record(step, units));
                ASSERT_EQ(log.size(), step + 1);
                expect_same(log.back(), record(step, units));
                expect_same(log[step / 2], record(step / 2, units));
            }
            std::uint32_t number = 0;
            for (const StepRecord& step : log)
                expect_same(step, record(number++, units));
            EXPECT_EQ(number, 100u);
            const StepLog moved = std::move(log);
            expect_same(moved.front(), record(0, units));
            EXPECT_THROW(moved[100], std::out_of_range);
        }
}

TEST(StepLog, LeavesNoFileBehindAndNeedsNoneForAShortRun) {
    const std::filesystem::path folder =
        std::filesystem::path(::testing::TempDir()) / ("step_log." + std::to_string(::getpid()));
    std::filesystem::create_directory(folder);
    {
        StepLog log(folder.string(), 4096);
        for (std::uint32_t step = 0; step < 1000; ++step)
            log.push_back(record(step, 3));
        EXPECT_TRUE(std::filesystem::is_empty(folder)) << "the file has no name";
    }
    std::filesystem::remove(folder);
    StepLog log(folder.string(), 1u << 20);
    log.push_back(record(0, 3));
    expect_same(log.back(), record(0, 3));
}

TEST(StepLog, SaysWhereItCannotWrite) {
    StepLog log("/nowhere/at/all", 0);
    log.push_back(record(0, 1));
    try {
        log.push_back(record(1, 1));
        FAIL() << "the buffer holds one record";
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "cannot keep the steps of the run in /nowhere/at/all: No such file or directory");
    }
}

TEST(StepLog, TakesOneNumberOfUnitsOnly) {
    StepLog log;
    log.push_back(record(0, 2));
    EXPECT_THROW(log.push_back(record(1, 3)), std::logic_error);
}

} // namespace
} // namespace gradus::observe::step_log_test
