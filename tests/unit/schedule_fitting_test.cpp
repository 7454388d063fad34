// SPDX-License-Identifier: Apache-2.0
// What a model that does not fit is told to change: every suggestion is carried out, and so is what is not suggested.
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/scenario/load.h"
#include "platform/schedule/schedule.h"

namespace gradus::schedule::schedule_fitting_test {
namespace {

using testing::HasSubstr;
using Settings = std::vector<std::string>;

constexpr std::uint64_t base = 0x1'0000'0000;

scenario::Scenario scenario_with(const Settings& more) {
    Settings all{"run.text=synthetic", "run.generate=0", "run.batch=8",    "run.steps=2",   "model.vocabulary=1000",
                 "model.context=64",   "model.layers=2", "model.width=64", "model.heads=4", "model.mlp_width=256"};
    all.insert(all.end(), more.begin(), more.end());
    return scenario::load("scenarios/runs/names.toml", all);
}

/// Empty when it fits.
std::string refusal(const Settings& more, std::uint64_t dram_bytes) {
    const scenario::Scenario scenario = scenario_with(more);
    try {
        build(scenario.model, scenario.run, {base, dram_bytes});
    } catch (const ScheduleError& error) {
        return error.what();
    }
    return "";
}

/// What the model takes when nothing of it is changed.
std::uint64_t whole() {
    const scenario::Scenario scenario = scenario_with({});
    const Schedule schedule = build(scenario.model, scenario.run, {base, std::uint64_t{1} << 32});
    std::uint64_t end = 0;
    for (const Tensor& tensor : schedule.tensors)
        end = std::max(end, tensor.address + tensor.bytes());
    return end - base;
}

/// The settings of each line of a message that has any.
std::vector<Settings> suggested(const std::string& message) {
    std::vector<Settings> all;
    std::istringstream lines(message);
    for (std::string line; std::getline(lines, line);) {
        Settings settings;
        std::istringstream words(line);
        for (std::string word; words >> word;)
            if (word == "--set" && words >> word) settings.push_back(word);
        if (!settings.empty()) all.push_back(settings);
    }
    return all;
}

const std::vector<Settings> singles{{"model.attention=fused"}, {"model.head=fused"},
                                    {"model.recompute=fit"},   {"run.batch=4", "run.accumulate=2"},
                                    {"model.precision=mixed"}, {"model.formats.moments=bf16"},
                                    {"model.context=32"},      {"run.optimizer=sgd"}};

// From a DRAM that is a little too small to one with room for 70 %: each setting fits exactly when it is suggested.
TEST(ScheduleFitting, ASettingIsSuggestedWhenItAloneMakesTheModelFit) {
    const std::uint64_t bytes = whole();
    for (const unsigned percent : {99u, 90u, 80u, 70u}) {
        const std::uint64_t dram = bytes * percent / 100;
        const std::string message = refusal({}, dram);
        ASSERT_THAT(message, HasSubstr("it fits with any of")) << percent;
        EXPECT_THAT(message, HasSubstr(" too little")) << percent;
        const std::vector<Settings> found = suggested(message);
        for (const Settings& single : singles) {
            const bool fits = refusal(single, dram).empty();
            const bool listed = std::find(found.begin(), found.end(), single) != found.end();
            EXPECT_EQ(listed, fits) << single.front() << " at " << percent;
        }
    }
}

TEST(ScheduleFitting, WhereNoneDoesAloneSeveralAreSuggestedThatDo) {
    const std::uint64_t dram = whole() * 30 / 100;
    const std::string message = refusal({}, dram);
    ASSERT_THAT(message, HasSubstr("no single setting makes it fit; together these do"));
    const std::vector<Settings> found = suggested(message);
    ASSERT_EQ(found.size(), 1u) << message;
    EXPECT_GT(found.front().size(), 1u);
    EXPECT_EQ(refusal(found.front(), dram), "");
}

// 87,000 parameters of two bytes alone are more than 64 KiB.
TEST(ScheduleFitting, WhereNothingHelpsTheLeastIsTold) {
    EXPECT_THAT(refusal({}, 65'536), HasSubstr("no settings make it fit; the least it takes is"));
}

} // namespace
} // namespace gradus::schedule::schedule_fitting_test
