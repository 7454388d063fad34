// SPDX-License-Identifier: Apache-2.0
#include "platform/report/progress.h"

#include <algorithm>
#include <cstdlib>

#include <gmock/gmock.h>

#include "platform/report/human.h"

namespace gradus::report::report_progress_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A progress display on a file in memory and a host clock moved by hand.
class ProgressTest : public testing::Test {
protected:
    ~ProgressTest() override {
        std::fclose(out_);
        std::free(text_);
    }
    Progress progress(Progress::Mode mode, unsigned steps) {
        return Progress(
            out_, mode, steps, "steps",
            [this] {
                ++looks_;
                return now_;
            },
            [this] { return width_; });
    }
    std::string text() {
        std::fflush(out_);
        return std::string(text_, bytes_);
    }

    char* text_ = nullptr;
    std::size_t bytes_ = 0;
    std::FILE* out_ = ::open_memstream(&text_, &bytes_);
    double now_ = 1000;
    int looks_ = 0;
    std::size_t width_ = 80;
};

TEST_F(ProgressTest, ShowsNothingInTheFirstSecond) {
    auto shown = progress(Progress::Mode::bar, 1000);
    for (int step = 0; step < 900; ++step) {
        now_ += 0.001;
        shown.advance();
    }
    EXPECT_THAT(text(), IsEmpty());
}

TEST_F(ProgressTest, TheBarHoldsCountDetailsRateAndWhatIsLeft) {
    {
        auto shown = progress(Progress::Mode::bar, 100);
        for (int step = 0; step < 25; ++step) {
            now_ += 0.1;
            shown.advance([] { return "loss 2.400  chip 148.2 ms"; });
        }
        EXPECT_THAT(text(), HasSubstr("25/100  loss 2.400  chip 148.2 ms  10 steps/s  7.5 s left"));
    }
    EXPECT_THAT(text(), testing::EndsWith("\r\x1b[K")) << "the bar clears itself when it goes";
}

TEST_F(ProgressTest, BetweenStepsItSaysWhatIsBeingDone) {
    auto shown = progress(Progress::Mode::bar, 2);
    shown.between([] { return "1 of 9 parts"; });
    EXPECT_THAT(text(), IsEmpty()) << "within the first second";
    now_ += 2;
    shown.between([] { return "2 of 9 parts"; });
    EXPECT_THAT(text(), HasSubstr(" 0/2  2 of 9 parts\x1b[K")) << "nobody knows yet how long a step takes";
    shown.advance();
    now_ += 2;
    shown.between([] { return "3 of 9 parts"; });
    EXPECT_THAT(text(), HasSubstr(" 1/2  3 of 9 parts  0.25 steps/s  4.0 s left\x1b[K"));
}

TEST_F(ProgressTest, TheLineIsNarrowerThanTheTerminalWhateverItsWidth) {
    auto shown = progress(Progress::Mode::bar, 100);
    for (int step = 0; step < 60; ++step) {
        width_ = 80 - static_cast<std::size_t>(step); // a window that is made smaller meanwhile
        const std::string before = text();
        now_ += 0.5;
        shown.advance([] { return "loss 2.400  chip 148.2 ms"; });
        std::string line = text().substr(before.size());
        if (line.empty()) continue;
        ASSERT_EQ(line.front(), '\r');
        line = line.substr(1, line.find('\x1b') - 1);
        EXPECT_LT(columns(line), width_) << line;
        EXPECT_THAT(line, HasSubstr("/100  "));
    }
    EXPECT_THAT(text(), HasSubstr("▕"));
}

TEST_F(ProgressTest, RefreshesAtMostTenTimesASecond) {
    auto shown = progress(Progress::Mode::bar, 100'000);
    for (int step = 0; step < 10'000; ++step) {
        now_ += 0.001;
        shown.advance();
    }
    const std::string all = text();
    const auto refreshes = std::count(all.begin(), all.end(), '\r');
    EXPECT_LE(refreshes, 91) << "ten seconds, but for the first";
    EXPECT_GE(refreshes, 60);
}

TEST_F(ProgressTest, LooksAtTheClockOnlyEveryFewSteps) {
    auto shown = progress(Progress::Mode::bar, 1'000'000);
    for (int step = 0; step < 100'000; ++step) {
        now_ += 1e-5;
        shown.advance();
    }
    EXPECT_LT(looks_, 100'000 / 60);
}

TEST_F(ProgressTest, SlowStepsAreShownOneByOne) {
    auto shown = progress(Progress::Mode::lines, 4);
    for (int step = 0; step < 3; ++step) {
        now_ += 30;
        shown.advance([] { return "chip 1.000 s"; });
    }
    EXPECT_EQ(text(), "1/4  chip 1.000 s  0.033 steps/s  1 min 30 s left\n"
                      "2/4  chip 1.000 s  0.033 steps/s  1 min 00 s left\n"
                      "3/4  chip 1.000 s  0.033 steps/s  30 s left\n");
}

TEST_F(ProgressTest, LinesAreSparseAndPlain) {
    auto shown = progress(Progress::Mode::lines, 10'000);
    for (int step = 0; step < 3500; ++step) {
        now_ += 0.01;
        shown.advance();
    }
    const std::string all = text();
    EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 3) << "35 seconds, a line every ten";
    EXPECT_THAT(all, Not(HasSubstr("\r")));
    EXPECT_THAT(all, Not(HasSubstr("\x1b")));
}

TEST_F(ProgressTest, SilentIsSilent) {
    {
        auto shown = progress(Progress::Mode::silent, 10);
        now_ += 100;
        shown.advance();
    }
    EXPECT_THAT(text(), IsEmpty());
    EXPECT_EQ(Progress::mode_for(stderr, true), Progress::Mode::silent);
}

TEST_F(ProgressTest, AFileIsNoTerminal) {
    std::FILE* file = std::tmpfile();
    ASSERT_NE(file, nullptr);
    EXPECT_EQ(Progress::mode_for(file, false), Progress::Mode::lines);
    std::fclose(file);
}

TEST_F(ProgressTest, MoreStepsThanAnnouncedDoNoHarm) {
    auto shown = progress(Progress::Mode::bar, 0);
    now_ += 5;
    shown.advance();
    EXPECT_THAT(text(), HasSubstr("1/0  "));
    EXPECT_THAT(text(), Not(HasSubstr("left")));
}

} // namespace
} // namespace gradus::report::report_progress_test
