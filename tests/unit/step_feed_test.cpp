// SPDX-License-Identifier: Apache-2.0
// What the host feeds into the image of a long run, held against an image that holds all of its steps.
#include <cstring>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/schedule/schedule.h"
#include "platform/schedule/step_feed.h"
#include "tests/support/random_models.h"

namespace gradus::schedule::step_feed_test {
namespace {

image_header header_of(const Schedule& schedule) {
    image_header header{};
    std::memcpy(&header, schedule.image.data(), sizeof header);
    return header;
}

using Bytes = std::vector<std::uint8_t>;

/// The chip's memory during a run: the image, and what the host writes into it.
class Memory {
public:
    explicit Memory(const Schedule& schedule)
        : schedule_(schedule), image_(schedule.image), header_(header_of(schedule)) {}

    image_update record(std::uint32_t step) const {
        image_update record{};
        std::memcpy(&record, image_.data() + header_.update_offset + std::uint64_t{step} * header_.update_stride,
                    sizeof record);
        return record;
    }
    Bytes inputs(std::uint32_t slot) const {
        const auto begin = image_.begin() +
                           static_cast<std::ptrdiff_t>(header_.step_offset + std::uint64_t{slot} * header_.step_stride);
        return {begin, begin + 12 * static_cast<std::ptrdiff_t>(schedule_.tokens_per_step)};
    }
    void step_done(std::uint32_t step) {
        schedule_.feed->step_done(step, [&](std::uint64_t offset, const void* data, std::size_t bytes) {
            ASSERT_LE(offset + bytes, image_.size());
            std::memcpy(image_.data() + offset, data, bytes);
        });
    }
    const Bytes& image() const { return image_; }

private:
    const Schedule& schedule_;
    Bytes image_;
    image_header header_;
};

struct Scalars {
    explicit Scalars(const image_update& record) : values{record.step_size, record.correction, record.decay} {}
    std::vector<float> values;
};

/// `steps` steps through a ring of `slots`, with the documents of the shipped text or synthetic ones.
void expect_the_same_steps(const char* text, std::uint32_t steps, std::uint32_t slots) {
    SCOPED_TRACE(::testing::Message() << text << ", " << slots << " slots");
    scenario::ModelParameters model;
    model.vocabulary = 64;
    scenario::RunParameters run;
    run.steps = steps;
    run.batch = 3;
    run.text = text;
    run.weight_decay = 0.1;
    const Schedule all = build(model, run, test::small_dram, ~std::uint64_t{0});
    ASSERT_EQ(all.feed, nullptr);
    const Memory whole(all);
    const Schedule few =
        build(model, run, test::small_dram, std::uint64_t{slots} * (header_of(all).step_stride + sizeof(image_update)));
    ASSERT_NE(few.feed, nullptr);
    EXPECT_EQ(header_of(few).update_stride, 0u);
    Memory memory(few);
    for (std::uint32_t step = 0; step < steps; ++step) {
        const image_update record = memory.record(step);
        ASSERT_EQ(record.slot, step % slots);
        ASSERT_EQ(whole.record(step).slot, step);
        ASSERT_EQ(Scalars(record).values, Scalars(whole.record(step)).values) << "step " << step;
        for (std::uint32_t ahead = step; ahead < std::min(steps, step + slots); ++ahead)
            ASSERT_EQ(memory.inputs(ahead % slots), whole.inputs(ahead)) << "of step " << ahead << " in step " << step;
        memory.step_done(step);
    }
}

TEST(StepFeed, EveryStepFindsInARingWhatALargeImageHolds) {
    for (const char* text : {"/usr/share/dict/propernames.gz", "synthetic"})
        for (const std::uint32_t slots : {2u, 3u, 7u, 99u})
            expect_the_same_steps(text, 100, slots);
}

// Step s of the rest is step 37 + s of the whole: text, learning rate and Adam's correction are, and slots count anew.
TEST(StepFeed, TheRestOfARunIsFedWhatTheWholeRunIs) {
    scenario::ModelParameters model;
    model.vocabulary = 64;
    scenario::RunParameters run;
    run.steps = 50;
    run.warmup_steps = 40;
    run.weight_decay = 0.1;
    constexpr std::uint32_t done = 37, slots = 3;
    const Schedule all = build(model, run, test::small_dram);
    const Schedule rest = build(model, run, test::small_dram, step_room_bytes, done);
    const Schedule few = build(model, run, test::small_dram,
                               slots * std::uint64_t{header_of(all).step_stride + sizeof(image_update)}, done);
    ASSERT_EQ(rest.feed, nullptr);
    ASSERT_NE(few.feed, nullptr);
    EXPECT_EQ(rest.first_step, done);
    EXPECT_EQ(header_of(rest).step_count, 13u);
    EXPECT_EQ(header_of(few).step_count, 13u);
    const Memory whole(all), held(rest);
    Memory fed(few);
    for (std::uint32_t step = 0; step < 13; ++step) {
        const std::vector<float> expected = Scalars(whole.record(done + step)).values;
        ASSERT_EQ(Scalars(held.record(step)).values, expected) << "step " << step;
        ASSERT_EQ(Scalars(fed.record(step)).values, expected) << "step " << step;
        ASSERT_EQ(held.inputs(held.record(step).slot), whole.inputs(done + step)) << "step " << step;
        ASSERT_EQ(fed.inputs(fed.record(step).slot), whole.inputs(done + step)) << "step " << step;
        fed.step_done(step);
    }
    EXPECT_THROW(build(model, run, test::small_dram, step_room_bytes, 50), ScheduleError) << "nothing is left";
}

TEST(StepFeed, NothingIsFedToARunThatTheImageHolds) {
    const Schedule schedule = build({}, {}, test::small_dram);
    EXPECT_EQ(schedule.feed, nullptr);
    EXPECT_EQ(header_of(schedule).update_stride, sizeof(image_update));
}

TEST(StepFeed, TheImageOfALongRunIsSmallHoweverLongItIs) {
    scenario::RunParameters run;
    run.steps = 1'000'000;
    const std::uint64_t million = build({}, run, test::small_dram).image.size();
    EXPECT_LT(million, 2u << 20);
    run.steps = 0xffffffffu;
    EXPECT_EQ(build({}, run, test::small_dram).image.size(), million);
}

TEST(StepFeed, NumbersOfStepsThatCannotBeDoNoHarm) {
    scenario::RunParameters run;
    run.steps = 100;
    const Schedule schedule = build({}, run, test::small_dram, 0);
    ASSERT_NE(schedule.feed, nullptr);
    Memory memory(schedule);
    const Bytes before = memory.image();
    for (const std::uint32_t step : {100u, 101u, 0xfffffffeu, 0xffffffffu}) {
        memory.step_done(step);
        EXPECT_EQ(memory.image(), before) << step;
    }
    memory.step_done(99);
    EXPECT_EQ(memory.image(), before) << "nothing comes after the last step";
}

} // namespace
} // namespace gradus::schedule::step_feed_test
