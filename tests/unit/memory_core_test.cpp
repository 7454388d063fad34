// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <gtest/gtest.h>
#include <random>
#include <vector>

#include "ip/memory/scratchpad_core.h"
#include "ip/memory/sram_port_core.h"

namespace gradus::ip::memory_core_test {
namespace {

constexpr Clock clock_1ghz{1000};

MemoryRequest request(Picoseconds arrival, std::uint64_t offset, Bytes bytes) {
    return {arrival, offset, bytes, false};
}

// Four banks of 4 bytes and a latency of one cycle, as the smallest chip has them.
ScratchpadCore four_banks() { return {ScratchpadParameters{64 << 10, 4, 4, 1}, clock_1ghz}; }

TEST(Scratchpad, ARowOverAllBanksTakesACycleARoundPlusLatency) {
    ScratchpadCore scratchpad = four_banks();
    // 64 bytes are 16 accesses, four in each bank: four cycles, and one of latency.
    EXPECT_EQ(scratchpad.serve(request(0, 0, 64)), 5000u);
    // The banks are free again at 4000, before the latency is over.
    EXPECT_EQ(scratchpad.serve(request(4000, 0, 16)), 6000u);
}

TEST(Scratchpad, RequestsToDifferentBanksDoNotDisturbEachOther) {
    ScratchpadCore scratchpad = four_banks();
    EXPECT_EQ(scratchpad.serve(request(0, 0, 8)), 2000u); // banks 0 and 1, one access each
    EXPECT_EQ(scratchpad.serve(request(0, 8, 8)), 2000u); // banks 2 and 3: in the same cycle
}

TEST(Scratchpad, RequestsToOneBankWaitForEachOther) {
    ScratchpadCore scratchpad = four_banks();
    EXPECT_EQ(scratchpad.serve(request(0, 0, 4)), 2000u);  // bank 0, cycle 0
    EXPECT_EQ(scratchpad.serve(request(0, 16, 4)), 3000u); // 16 bytes on is bank 0 again: cycle 1
    EXPECT_EQ(scratchpad.serve(request(0, 32, 4)), 4000u); // and again: cycle 2
    EXPECT_EQ(scratchpad.serve(request(0, 4, 4)), 2000u);  // bank 1 has been free all along
}

TEST(Scratchpad, ARequestIsCompleteWithItsSlowestBank) {
    ScratchpadCore scratchpad = four_banks();
    scratchpad.serve(request(0, 12, 4)); // bank 3 is taken in cycle 0
    // 16 bytes touch each bank once: banks 0 to 2 in cycle 0, bank 3 in cycle 1.
    EXPECT_EQ(scratchpad.serve(request(0, 0, 16)), 3000u);
    // Bank 0 is therefore free in cycle 1, bank 3 only in cycle 2.
    EXPECT_EQ(scratchpad.serve(request(0, 0, 4)), 3000u);
    EXPECT_EQ(scratchpad.serve(request(0, 12, 4)), 4000u);
}

TEST(Scratchpad, AnUnalignedRequestTouchesOneBankMore) {
    ScratchpadCore scratchpad = four_banks();
    // Bytes 2 to 17 lie in five bank words: banks 0, 1, 2, 3 and 0 again, so bank 0 takes two cycles.
    EXPECT_EQ(scratchpad.serve(request(0, 2, 16)), 3000u);
}

TEST(Scratchpad, BusyTimeIsTheAverageOverBanks) {
    ScratchpadCore scratchpad = four_banks();
    scratchpad.serve(request(0, 0, 16)); // four bank cycles
    scratchpad.serve(request(0, 0, 8));  // two bank cycles
    EXPECT_EQ(scratchpad.busy(), 1500u); // six bank cycles over four banks
    EXPECT_DOUBLE_EQ(scratchpad.peak_bytes_per_second(), 16e9);
}

TEST(Scratchpad, AnAnnouncedRequestDoesNotHoldUpOneThatArrivesBeforeIt) {
    ScratchpadCore scratchpad = four_banks();
    EXPECT_EQ(scratchpad.serve(request(10'000, 0, 64)), 15'000u); // announced for cycle 10, four cycles long
    EXPECT_EQ(scratchpad.serve(request(2000, 0, 64)), 7000u);     // fits before it: cycles 2 to 5
    EXPECT_EQ(scratchpad.serve(request(3000, 0, 64)), 11'000u);   // so does this one, in cycles 6 to 9
    EXPECT_EQ(scratchpad.serve(request(0, 0, 16)), 2000u);        // and one cycle's worth in cycle 0
    // Four cycles no longer fit before cycle 10: after what was announced, in cycles 14 to 17.
    EXPECT_EQ(scratchpad.serve(request(0, 0, 64)), 19'000u);
}

// Else they would pile up over a long run. Requests in the middle of idle times make two of one.
TEST(Scratchpad, OldIdleTimesAreForgottenHoweverTheyCameAbout) {
    ScratchpadCore scratchpad = four_banks();
    for (Picoseconds gap = 0; gap < 100; ++gap) {
        scratchpad.serve(request(gap * 20'000 + 19'000, 0, 16));
        EXPECT_EQ(scratchpad.serve(request(gap * 20'000 + 9000, 0, 16)), gap * 20'000 + 11'000) << "in the gap before";
        if (gap == 0) scratchpad.serve(request(4000, 0, 16)); // an odd number of idle times
    }
    EXPECT_GT(scratchpad.serve(request(0, 0, 16)), 1'000'000u) << "in one of the last gaps";
}

TEST(Scratchpad, IdleTimeIsGivenAwayOnce) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    ScratchpadCore core({1 << 20, 4, 4, 0}, clock_1ghz);
    std::vector<bool> taken; // by cycle; every request takes all banks for a number of cycles in one piece
    for (int i = 0; i < 3000; ++i) {
        const Picoseconds arrival = (i + random() % 40) * 1000;
        const Bytes rounds = 1 + random() % 3;
        const Picoseconds done = core.serve(request(arrival, 0, 16 * rounds));
        const Picoseconds begin = done - rounds * 1000;
        ASSERT_GE(begin, arrival);
        taken.resize(std::max<std::size_t>(taken.size(), done / 1000));
        for (Picoseconds cycle = begin / 1000; cycle < done / 1000; ++cycle) {
            ASSERT_FALSE(taken[cycle]) << "request " << i << " in cycle " << cycle;
            taken[cycle] = true;
        }
    }
}

TEST(Scratchpad, AgreesWithAModelThatServesAccessByAccess) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    for (const unsigned banks : {1u, 3u, 4u, 32u}) {
        ScratchpadCore core({1 << 20, banks, 16, 2}, clock_1ghz);
        std::vector<Picoseconds> free(banks);
        Picoseconds now = 0;
        for (int i = 0; i < 2000; ++i) {
            now += random() % 5 * 1000;
            const Bytes bytes = random() % 2 ? 16 * banks * (1 + random() % 3) : 1 + random() % 700;
            const std::uint64_t offset = random() % 2 ? random() % 1000 * 16 : random() % 16'000;
            const Picoseconds arrival = now;
            Picoseconds done = 0;
            for (std::uint64_t word = offset / 16; word <= (offset + bytes - 1) / 16; ++word) {
                Picoseconds& bank = free[word % banks];
                bank = std::max(bank, arrival) + 1000;
                done = std::max(done, bank);
            }
            ASSERT_EQ(core.serve(request(arrival, offset, bytes)), done + 2000)
                << "banks " << banks << ", request " << i;
        }
    }
}

TEST(SramPort, MovesItsWidthACycleAndAddsLatency) {
    SramPortCore port({1 << 20, 16, 1}, clock_1ghz);
    EXPECT_EQ(port.serve(request(0, 0, 128)), 9000u);     // eight beats, one cycle of latency
    EXPECT_EQ(port.serve(request(1000, 0, 17)), 11'000u); // free at 8000; 17 bytes are two beats; latency
    EXPECT_EQ(port.busy(), 10'000u);
    EXPECT_DOUBLE_EQ(port.peak_bytes_per_second(), 16e9);
}

} // namespace
} // namespace gradus::ip::memory_core_test
