// SPDX-License-Identifier: Apache-2.0
// The tables and the picture of a memory plan.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/report/memory.h"

namespace gradus::report::report_memory_test {
namespace {

using schedule::Tensor;
using schedule::TensorKind;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

Tensor tensor(const char* name, TensorKind kind, std::uint64_t address, std::uint32_t first, std::uint32_t last) {
    Tensor made{name, kind, 64, 64, address};
    made.first_op = first;
    made.last_op = last;
    return made;
}

/// 4 KiB of image, a parameter, and three activations of 16 KiB each, two of which have one place after the other.
schedule::Schedule plan() {
    schedule::Schedule schedule;
    schedule.image_range = {0xf000, 0x1000};
    schedule.tensors = {tensor("w", TensorKind::parameter, 0x10000, 0, 3),
                        tensor("x", TensorKind::activation, 0x14000, 0, 1),
                        tensor("y", TensorKind::activation_gradient, 0x14000, 2, 3),
                        tensor("z", TensorKind::activation, 0x18000, 1, 2)};
    schedule.activation_bytes = {16 << 10, 32 << 10, 32 << 10, 16 << 10};
    return schedule;
}

// 4 + 16 + 32 KiB are 52, of which the activations are 61.5 %.
TEST(ReportMemory, ArenasSayFromWhereToWhereAndWhatShareOfAll) {
    const std::string text = describe_memory(plan(), 10, 100);
    EXPECT_THAT(text, ContainsRegex("image and step inputs +- +0xf000 +0x10000 +4.0 KiB +7.7 %"));
    EXPECT_THAT(text, ContainsRegex("parameters +1 +0x10000 +0x14000 +16.0 KiB +30.8 %"));
    EXPECT_THAT(text, ContainsRegex("activations +3 +0x14000 +0x1c000 +32.0 KiB +61.5 %"));
    EXPECT_THAT(text, ContainsRegex("all +4 +52.0 KiB"));
    EXPECT_THAT(text, Not(HasSubstr("moments"))) << "there are none";
}

TEST(ReportMemory, TensorsSayWhichOperatorsNeedThemAndHowManyShareTheirPlace) {
    const std::string text = describe_memory(plan(), 10, 100);
    EXPECT_THAT(text, ContainsRegex("\nx +activations +fp32 +64x64 +16.0 KiB +0x14000 +0-1 +1\n"));
    EXPECT_THAT(text, ContainsRegex("\ny +activations +fp32 +64x64 +16.0 KiB +0x14000 +2-3 +1\n"));
    EXPECT_THAT(text, ContainsRegex("\nz +activations +fp32 +64x64 +16.0 KiB +0x18000 +1-2 +-\n"));
    const std::string cut = describe_memory(plan(), 1, 100);
    EXPECT_THAT(cut, HasSubstr("and 3 smaller ones: --all lists them"));
    EXPECT_THAT(cut, Not(ContainsRegex("\nz ")));
}

// Four operators: half full, full, full, half full.
TEST(ReportMemory, ThePictureIsAsHighAsWhatIsAlive) {
    EXPECT_THAT(describe_memory(plan(), 10, 100),
                HasSubstr("activations alive, operator 0 to 3; most: 32.0 KiB, at 1\n ██ \n ██ \n████\n████\n"));
}

} // namespace
} // namespace gradus::report::report_memory_test
