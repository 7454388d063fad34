// SPDX-License-Identifier: Apache-2.0
// The hash of the DRAM's channels: no two addresses meet, and strides of a power of two spread.
#include <gtest/gtest.h>
#include <set>
#include <tuple>

#include "ip/memory/dram_address_map.h"

namespace gradus::ip::dram_address_hash_test {
namespace {

/// A stack of HBM2 as the training chip has it.
DramParameters stack() {
    DramParameters parameters;
    parameters.channels = 8;
    parameters.organisation = {2, 4, 4, 1024, 32, true};
    parameters.bytes = Bytes{4} << 20;
    parameters.mapping = "row,bank,column,channel,pseudo,column:2,group";
    parameters.channel_hash = true;
    return parameters;
}

TEST(DramChannelHash, MapsEveryBurstToAPlaceOfItsOwn) {
    const DramParameters parameters = stack();
    ASSERT_FALSE(find_misfit(parameters));
    const DramAddressMap map(parameters);
    std::set<std::tuple<unsigned, unsigned, std::uint32_t, std::uint32_t>> places;
    const std::uint64_t bursts = parameters.bytes / parameters.organisation.burst_bytes;
    for (std::uint64_t burst = 0; burst < bursts; ++burst) {
        const DramPlace place = map(burst);
        ASSERT_LT(place.channel, parameters.channels);
        ASSERT_LT(place.bank, parameters.organisation.banks_per_channel());
        places.insert({place.channel, place.bank, place.row, place.column});
    }
    EXPECT_EQ(places.size(), bursts);
}

/// 16 words at any distance of a power of two from 4 KiB on, which is where channels begin again.
TEST(DramChannelHash, SpreadsStridesOfAPowerOfTwoOverAllPseudoChannels) {
    DramParameters parameters = stack();
    parameters.bytes = Bytes{1} << 30;
    for (const bool hash : {false, true}) {
        parameters.channel_hash = hash;
        const DramAddressMap map(parameters);
        for (Bytes stride = 4096; stride <= Bytes{1} << 24; stride *= 2) {
            std::set<std::pair<unsigned, unsigned>> pseudo_channels;
            for (std::uint64_t i = 0; i < 16; ++i) {
                const DramPlace place = map(i * stride / parameters.organisation.burst_bytes);
                pseudo_channels.insert({place.channel, place.bank / 16});
            }
            EXPECT_EQ(pseudo_channels.size(), hash ? 16U : 1U) << stride;
        }
    }
}

TEST(DramChannelHash, NeedsAPowerOfTwoOfChannels) {
    DramParameters parameters = stack();
    parameters.channels = 3;
    parameters.bytes = 3 * (Bytes{4} << 20);
    const auto misfit = find_misfit(parameters);
    ASSERT_TRUE(misfit);
    EXPECT_EQ(misfit->member, "channel_hash");
}

} // namespace
} // namespace gradus::ip::dram_address_hash_test
