// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <gtest/gtest.h>

#include "ip/common/command_check.h"
#include "ip/common/command_ring.h"

namespace gradus::ip {
namespace {

TEST(CommandRing, ARingThatReachesBeyondTheAddressSpaceIsRefused) {
    constexpr std::uint64_t last = ~std::uint64_t{0} - (2 * COMMAND_BYTES - 1);
    CommandRing ring;
    EXPECT_TRUE(ring.set_base(last, 0)) << "there is no ring yet";
    EXPECT_FALSE(ring.set_entries(4, 0)) << "half of it would be at address 0";
    EXPECT_TRUE(ring.set_entries(2, 0));
    EXPECT_FALSE(ring.set_base(last + COMMAND_BYTES, 0));
    EXPECT_EQ(ring.base(), last);
    EXPECT_EQ(ring.address(3), ~std::uint64_t{0} - (COMMAND_BYTES - 1)) << "the last descriptor there can be";
}

TEST(CommandRing, CountsGoOnAcrossTheirWrap) {
    constexpr std::uint32_t count = ~std::uint32_t{0};
    CommandRing ring(count);
    EXPECT_TRUE(ring.set_entries(4, count));
    EXPECT_TRUE(ring.submit(count + 3, count));
    EXPECT_FALSE(ring.submit(count + 2, count)) << "a command cannot be taken back";
    EXPECT_FALSE(ring.submit(count + 5, count)) << "more than the ring holds";
    EXPECT_FALSE(ring.set_base(0x1000, count)) << "it is in use";
    EXPECT_TRUE(ring.submit(count + 5, count + 1));
    EXPECT_EQ(ring.address(count + 1), 0u);
}

TEST(CommandRing, StartsAgainOnlyWhenItIsIdle) {
    CommandRing ring;
    EXPECT_TRUE(ring.set_entries(4, 0));
    EXPECT_TRUE(ring.submit(3, 0));
    EXPECT_FALSE(ring.rewind(2)) << "a command has not retired";
    EXPECT_EQ(ring.submitted(), 3u);
    EXPECT_TRUE(ring.rewind(3));
    EXPECT_EQ(ring.submitted(), 0u);
    EXPECT_TRUE(ring.submit(4, 0)) << "the whole ring";
}

TEST(CommandCheck, NamesTheFieldThatIsWrong) {
    command_header header{};
    EXPECT_FALSE(check_header(header));
    header.waits[2].queue_plus_one = 8;
    EXPECT_FALSE(check_wait(header, 2, 8));
    EXPECT_EQ(check_wait(header, 2, 7)->field, offsetof(command_header, waits) + 2 * sizeof(command_wait));
    header.reserved1 = 1;
    EXPECT_EQ(check_header(header)->field, offsetof(command_header, reserved1));
    header.flags = 2;
    EXPECT_EQ(check_header(header)->field, offsetof(command_header, flags));
}

} // namespace
} // namespace gradus::ip
