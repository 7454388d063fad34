// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <sysc/kernel/sc_dynamic_processes.h>
#include <vector>

#include "ip/common/clock_bridge.h"
#include "ip/common/fence_board.h"
#include "ip/common/protocol_checker.h"
#include "tests/support/initiator.h"
#include "tests/support/stub_memory.h"

namespace gradus::ip::clock_bridge_test {
namespace {

using test::Initiator;
using test::StubMemory;

constexpr Clock fast{1000}, slow{3000};

TEST(ClockCrossing, TakesTheNextEdgeAndTheSynchronisersCycles) {
    EXPECT_EQ(cross(0, fast, slow, 2), 6000u) << "time 0 is an edge of every clock";
    EXPECT_EQ(cross(1000, fast, slow, 2), 9000u) << "edge at 3000, and two cycles";
    EXPECT_EQ(cross(3000, fast, slow, 2), 9000u);
    EXPECT_EQ(cross(3000, slow, fast, 2), 5000u) << "into a clock that has an edge there";
    EXPECT_EQ(cross(4000, fast, slow, 0), 6000u) << "without a synchroniser it is the edge";
}

TEST(ClockCrossing, WithinOneClockCostsNothing) { EXPECT_EQ(cross(1234, fast, Clock{1000}, 2), 1234u); }

TEST(ClockBridge, ATransactionCrossesThereAndItsAnswerBack) {
    ClockBridge bridge("bridge", fast, slow, 2);
    StubMemory memory("memory", 0x1000, 6000);
    Picoseconds called_at = 0;
    Initiator initiator("initiator", [&](Initiator& self) {
        self.wait_until(1000);
        // At 1000 ps: edge at 3000, two cycles, so that the target sees it at 9000. It answers at 15'000, which is an
        // edge of the fast clock: two cycles of that.
        EXPECT_EQ(self.read(0x10, nullptr, 4), 17'000u);
        EXPECT_EQ(self.response(), tlm::TLM_OK_RESPONSE);
        Access access;
        std::uint32_t value = 0x1234;
        called_at = now();
        EXPECT_EQ(self.socket->transport_dbg(access.write(0x20, &value, 4)), 4u);
        EXPECT_EQ(now(), called_at) << "a debugger is in every clock at once";
        EXPECT_EQ(memory.data()[0x20], 0x34);
        tlm::tlm_dmi dmi;
        EXPECT_FALSE(self.socket->get_direct_mem_ptr(access.read(0, nullptr, 4), dmi));
    });
    initiator.socket.bind(bridge.in);
    bridge.out.bind(memory.socket);
    sc_core::sc_start();
    ASSERT_EQ(memory.seen().size(), 1u);
    EXPECT_EQ(memory.seen()[0].arrival, 9000u);
}

TEST(ClockBridge, PassesOneTransactionACycleInTheirOrder) {
    ClockBridge bridge("bridge", fast, slow, 2);
    StubMemory memory("memory", 0x1000, 0);
    // Three come in one slow cycle, at 1000, 2000 and 3000, and are synchronised at 9000. They come out a cycle apart.
    Access accesses[3];
    Initiator initiator("initiator", [&](Initiator& self) {
        for (unsigned i = 0; i < 3; ++i)
            sc_core::sc_spawn([&, i] {
                sc_core::wait(to_time(1000 * (i + 1)));
                sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
                self.socket->b_transport(accesses[i].read(4 * i, nullptr, 4), delay);
            });
    });
    initiator.socket.bind(bridge.in);
    bridge.out.bind(memory.socket);
    sc_core::sc_start();
    ASSERT_EQ(memory.seen().size(), 3u);
    for (unsigned i = 0; i < 3; ++i) {
        EXPECT_EQ(memory.seen()[i].address, 4 * i);
        EXPECT_EQ(memory.seen()[i].arrival, 9000 + 3000 * i);
    }
}

TEST(ClockBridge, NeverAnswersBeforeItWasAskedAndKeepsTheProtocol) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const Clock from{1 + random() % 5000}, to{1 + random() % 5000};
    const Cycles stages = random() % 4;
    std::vector<std::string> violations;
    const auto violation = [&](const std::string& message) { violations.push_back(message); };
    ProtocolChecker before("before", violation), behind("behind", violation);
    ClockBridge bridge("bridge", from, to, stages);
    StubMemory memory("memory", 0x1000, 777, random() % 2);
    Initiator initiator("initiator", [&](Initiator& self) {
        for (int i = 0; i < 500; ++i) {
            self.wait_for(random() % 20'000);
            const Picoseconds begin = now();
            const Picoseconds end = self.read(4 * (random() % 100), nullptr, 4);
            EXPECT_EQ(end % from.period, from.period == to.period ? (begin + 777) % from.period : 0);
            EXPECT_GE(end, begin + 777);
            EXPECT_LE(end, begin + 777 + (stages + 1) * (from.period + to.period))
                << "an edge and the stages, each way";
        }
    });
    initiator.socket.bind(before.in);
    before.out.bind(bridge.in);
    bridge.out.bind(behind.in);
    behind.out.bind(memory.socket);
    sc_core::sc_start();
    EXPECT_THAT(violations, ::testing::IsEmpty());
}

TEST(FenceBoard, AQueueOfAnotherClockSeesAFenceLater) {
    FenceBoard fences(3, 2);
    fences.set_clock(0, fast);
    fences.set_clock(1, slow);
    fences.set_clock(2, fast);
    std::vector<Picoseconds> seen(3);
    Initiator retires("retires", [&](Initiator& self) {
        self.wait_until(4000);
        fences.retire(0);
        self.wait_until(5000);
        fences.retire(0);
        EXPECT_FALSE(fences.held(2, {1, 2})) << "on the same clock, but not before this instant";
        self.wait_until(12'000);
        EXPECT_TRUE(fences.held(2, {1, 2}));
        EXPECT_FALSE(fences.held(1, {1, 1})) << "edge at 6000, and two cycles of 3000: not before this instant";
        self.wait_until(12'001);
        EXPECT_TRUE(fences.held(1, {1, 1}));
        EXPECT_TRUE(fences.held(1, {1, 2}));
        EXPECT_FALSE(fences.held(1, {1, 3}));
    });
    Initiator slow_one("slow_one", [&](Initiator&) {
        fences.await(1, {1, 1});
        seen[1] = now();
    });
    Initiator fast_one("fast_one", [&](Initiator&) {
        fences.await(2, {1, 2});
        seen[2] = now();
    });
    StubMemory nothing("nothing", 16, 0);
    for (Initiator* each : {&retires, &slow_one, &fast_one})
        each->socket.bind(nothing.socket);
    sc_core::sc_start();
    EXPECT_EQ(seen[1], 12'000u);
    EXPECT_EQ(seen[2], 5000u);
}

TEST(FenceBoard, RemembersWhenEachOfTheLastCommandsRetired) {
    FenceBoard fences(2, 2);
    fences.set_clock(0, fast);
    fences.set_clock(1, slow);
    Initiator retires("retires", [&](Initiator& self) {
        for (int i = 0; i < 20; ++i) {
            self.wait_for(2000);
            fences.retire(0);
        }
        self.wait_for(1);
        // Command i retired at 2000 i. By 40'000 those are seen whose next edge of 3000 is 34'000 or before.
        for (std::uint32_t count = 0; count <= 16; ++count)
            EXPECT_TRUE(fences.held(1, {1, count})) << count;
        for (std::uint32_t count = 17; count <= 21; ++count)
            EXPECT_FALSE(fences.held(1, {1, count})) << count;
    });
    StubMemory nothing("nothing", 16, 0);
    retires.socket.bind(nothing.socket);
    sc_core::sc_start();
}

} // namespace
} // namespace gradus::ip::clock_bridge_test
