// SPDX-License-Identifier: Apache-2.0
// optimised
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>

#include "ip/numerics/bf16.h"

namespace gradus::ip::numerics_bf16_test {
namespace {

TEST(Bf16, WideningAndNarrowingEveryValueGivesItBack) {
    for (unsigned bits = 0; bits <= 0xFFFF; ++bits) {
        const float value = from_bf16(static_cast<std::uint16_t>(bits));
        if (std::isnan(value)) continue;
        ASSERT_EQ(to_bf16(value), bits);
    }
}

TEST(Bf16, RoundsToTheNearerNeighbour) {
    // Between 1 and 1 + 2^-7 the middle is 1 + 2^-8.
    EXPECT_EQ(to_bf16(1.0F + 0x1.fep-9F), 0x3F80);
    EXPECT_EQ(to_bf16(1.0F + 0x1.02p-8F), 0x3F81);
}

TEST(Bf16, RoundsTiesToTheEvenNeighbour) {
    EXPECT_EQ(to_bf16(1.0F + 0x1p-8F), 0x3F80) << "halfway between ...80 and ...81";
    EXPECT_EQ(to_bf16(1.0F + 0x1p-7F + 0x1p-8F), 0x3F82) << "halfway between ...81 and ...82";
    EXPECT_EQ(to_bf16(-1.0F - 0x1p-8F), 0xBF80);
}

TEST(Bf16, FiniteNumbersBeyondTheRangeBecomeInfinities) {
    EXPECT_EQ(to_bf16(std::numeric_limits<float>::max()), 0x7F80);
    EXPECT_EQ(to_bf16(std::numeric_limits<float>::lowest()), 0xFF80);
    EXPECT_EQ(to_bf16(std::numeric_limits<float>::infinity()), 0x7F80);
}

TEST(Bf16, EveryKindOfNanStaysANan) {
    for (const std::uint32_t bits : {0x7F800001U, 0x7FFFFFFFU, 0xFF800001U, 0xFFC00000U, 0x7FC12345U}) {
        float value = 0;
        std::memcpy(&value, &bits, sizeof value);
        EXPECT_TRUE(std::isnan(from_bf16(to_bf16(value)))) << std::hex << bits;
        EXPECT_EQ(to_bf16(value) >> 15U, bits >> 31U) << "the sign is kept";
    }
}

TEST(Bf16, KeepsSignedZerosAndSubnormals) {
    EXPECT_EQ(to_bf16(0.0F), 0x0000);
    EXPECT_EQ(to_bf16(-0.0F), 0x8000);
    EXPECT_EQ(to_bf16(from_bf16(0x0001)), 0x0001);
}

} // namespace
} // namespace gradus::ip::numerics_bf16_test
