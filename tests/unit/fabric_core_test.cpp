// SPDX-License-Identifier: Apache-2.0
// links: gradus_ip_data_fabric_core
#include <gtest/gtest.h>
#include <stdexcept>

#include "ip/interconnect/data_fabric_core.h"

namespace gradus::ip {
namespace {

DataFabricCore fabric() { return {FabricParameters{16, 3}, Clock{1000}}; }

TEST(DataFabricCore, FindsTheOnePortThatHoldsAllOfAnAccess) {
    DataFabricCore core = fabric();
    core.map({0x1000, 0x100});
    core.map({0x1100, 0x100});
    EXPECT_EQ(core.find(0x1000, 16), 0u);
    EXPECT_EQ(core.find(0x11f0, 16), 1u);
    EXPECT_FALSE(core.find(0x10f8, 16)); // half in each, so in neither
    EXPECT_FALSE(core.find(0x0fff, 1));
    EXPECT_FALSE(core.find(0x1200, 1));
    EXPECT_FALSE(core.find(0x1000, ~Bytes{0}));
}

TEST(DataFabricCore, RefusesRangesThatOverlapWrapOrAreEmpty) {
    DataFabricCore core = fabric();
    core.map({0x1000, 0x100});
    EXPECT_THROW(core.map({0x10ff, 1}), std::invalid_argument);
    EXPECT_THROW(core.map({0, 0x2000}), std::invalid_argument);
    EXPECT_THROW(core.map({0x2000, 0}), std::invalid_argument);
    EXPECT_THROW(core.map({~std::uint64_t{0}, 2}), std::invalid_argument);
    core.map({~std::uint64_t{0} - 0xff, 0x100}); // up to the last byte of the address space is fine
    EXPECT_EQ(core.ports(), 2u);
}

TEST(DataFabricCore, ReservesWholeBeats) {
    DataFabricCore core = fabric();
    core.map({0, 0x1000});
    EXPECT_EQ(core.reserve(0, 0, 17), 0u);    // two beats of 16 bytes
    EXPECT_EQ(core.reserve(0, 0, 16), 2000u); // which the next one has to wait for
    EXPECT_EQ(core.counters(0).busy, 3000u);
}

} // namespace
} // namespace gradus::ip
