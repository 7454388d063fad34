// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstring>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "ip/common/command_queue.h"
#include "tests/support/command_ring.h"
#include "tests/support/initiator.h"
#include "tests/support/recording_observer.h"
#include "tests/support/stub_memory.h"

namespace gradus::ip::command_queue_test {
namespace {

using test::CommandRing;
using test::Initiator;
using test::RecordingObserver;
using test::StubMemory;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Clock clock_1ghz{1000};
constexpr std::uint8_t work_opcode = 1; // takes body[0] cycles
constexpr std::uint8_t bad_opcode = 9;

/// Does nothing for as many cycles as the first word of the body says.
class Worker : public CommandExecutor {
public:
    Execution execute(const command& command) override {
        begins.push_back(now());
        if (command.header.opcode == bad_opcode) return {CommandError{QUEUE_ERROR_OPCODE, 0}, 0, {}};
        std::uint32_t cycles = 0;
        std::memcpy(&cycles, command.body, sizeof cycles);
        sc_core::wait(to_time(clock_1ghz(cycles)));
        Execution execution;
        execution.memory_stall = memory_stall;
        execution.work.elements = cycles;
        return execution;
    }

    std::vector<Picoseconds> begins;
    Picoseconds memory_stall = 0;
};

/// One queue whose ring lies in a memory that answers after ten cycles. Decoding takes four more.
struct QueueBench {
    explicit QueueBench(FenceBoard& fences, RecordingObserver& observer, unsigned index = 0, unsigned prefetch = 2,
                        std::uint32_t entries = 8)
        : memory(("memory" + std::to_string(index)).c_str(), 0x1000, 10'000),
          queue(("queue" + std::to_string(index)).c_str(), index, {prefetch, 4}, clock_1ghz, fences, observer, worker),
          ring(memory.data(), 0, entries) {
        queue.fetch.bind(memory.socket);
        queue.interrupt.bind(interrupt);
    }

    void push(std::uint8_t opcode, std::uint32_t cycles = 0, std::uint8_t flags = 0) {
        ring.push(opcode, cycles, flags);
    }
    void push_wait(std::uint8_t opcode, std::uint32_t cycles, std::vector<command_wait> waits) {
        command descriptor{};
        descriptor.header.opcode = opcode;
        std::copy(waits.begin(), waits.end(), descriptor.header.waits);
        std::memcpy(descriptor.body, &cycles, sizeof cycles);
        ring.push(descriptor);
    }

    Worker worker;
    StubMemory memory;
    CommandQueue queue;
    sc_core::sc_signal<bool> interrupt;
    CommandRing ring;
};

struct OneQueue {
    explicit OneQueue(unsigned prefetch = 2, std::uint32_t entries = 8)
        : bench(fences, observer, 0, prefetch, entries) {}

    void run(std::function<void(Initiator&)> script) {
        Initiator cpu("cpu", std::move(script));
        cpu.socket.bind(bench.queue.registers);
        sc_core::sc_start();
    }
    /// Sets the ring up (two register writes: two cycles) and rings the doorbell at 2000 ps.
    void run() {
        run([this](Initiator& cpu) {
            bench.ring.set_up(cpu);
            bench.ring.ring_doorbell(cpu);
        });
    }
    void expect_halted(std::uint32_t error, std::uint32_t index, std::uint32_t field) {
        const QueueState state = bench.queue.state();
        EXPECT_EQ(state.status, QUEUE_STATUS_HALTED);
        EXPECT_EQ(state.error, error);
        EXPECT_EQ(state.error_index, index);
        EXPECT_EQ(state.error_field, field);
        ASSERT_EQ(observer.halts.size(), 1u);
        EXPECT_EQ(observer.halts[0].error, error);
        EXPECT_EQ(observer.halts[0].index, index);
        EXPECT_EQ(observer.halts[0].field, field);
        EXPECT_TRUE(bench.interrupt.read()) << "a queue that halts says so";
        EXPECT_EQ(state.retired, index) << "what came before has retired, nothing after";
    }

    FenceBoard fences{2};
    RecordingObserver observer;
    QueueBench bench;
};

TEST(CommandQueue, ACommandBeginsAfterItsFetchAndDecode) {
    OneQueue chip;
    chip.bench.push(work_opcode, 100);
    chip.run();
    // Doorbell at 2 ns, ten cycles for the descriptor, four to decode it.
    EXPECT_THAT(chip.bench.worker.begins, ElementsAre(16'000));
    const QueueState state = chip.bench.queue.state();
    EXPECT_EQ(state.retired, 1u);
    EXPECT_EQ(state.status, QUEUE_STATUS_IDLE);
    EXPECT_EQ(state.busy, 100'000u);
    EXPECT_EQ(state.stalled, 14'000u);
    EXPECT_EQ(state.work, 100u);
    EXPECT_EQ(chip.observer.total(0, Activity::stall_fetch), 14'000u);
    EXPECT_EQ(chip.observer.total(0, Activity::busy), 100'000u);
}

TEST(CommandQueue, PrefetchHidesTheFetchBehindTheWork) {
    OneQueue chip;
    for (int i = 0; i < 3; ++i)
        chip.bench.push(work_opcode, 100);
    chip.run();
    EXPECT_THAT(chip.bench.worker.begins, ElementsAre(16'000, 116'000, 216'000));
}

TEST(CommandQueue, WithoutPrefetchEveryCommandPaysForItsFetch) {
    OneQueue chip(0);
    for (int i = 0; i < 3; ++i)
        chip.bench.push(work_opcode, 100);
    chip.run();
    // 100 cycles of work, then ten and four for the next descriptor.
    EXPECT_THAT(chip.bench.worker.begins, ElementsAre(16'000, 130'000, 244'000));
}

TEST(CommandQueue, ShortCommandsAreBoundByTheFetch) {
    OneQueue chip;
    for (int i = 0; i < 3; ++i)
        chip.bench.push(work_opcode, 1);
    chip.run();
    // Descriptors come one at a time, 14 cycles each.
    EXPECT_THAT(chip.bench.worker.begins, ElementsAre(16'000, 30'000, 44'000));
    EXPECT_EQ(chip.bench.queue.state().stalled, 14'000u + 13'000 + 13'000);
}

TEST(CommandQueue, TheFetcherRunsNoFurtherAheadThanAllowed) {
    OneQueue chip(2);
    for (int i = 0; i < 8; ++i)
        chip.bench.push(work_opcode, 1000);
    chip.run([&](Initiator& cpu) {
        chip.bench.ring.set_up(cpu);
        chip.bench.ring.ring_doorbell(cpu);
        cpu.wait_until(900'000);
        EXPECT_EQ(chip.bench.memory.seen().size(), 3u) << "the one at work, and two ahead";
    });
    EXPECT_EQ(chip.bench.queue.state().retired, 8u);
}

TEST(CommandQueue, ALateDoorbellContinuesWhereTheRingWraps) {
    OneQueue chip(2, 2);
    chip.run([&](Initiator& cpu) {
        chip.bench.ring.set_up(cpu);
        for (int i = 0; i < 5; ++i) {
            chip.bench.push(work_opcode, 10);
            chip.bench.ring.ring_doorbell(cpu);
            cpu.wait_for(100'000);
        }
    });
    EXPECT_EQ(chip.bench.queue.state().retired, 5u);
    std::vector<std::uint64_t> addresses;
    for (const auto& access : chip.bench.memory.seen())
        addresses.push_back(access.address);
    EXPECT_THAT(addresses, ElementsAre(0, 128, 0, 128, 0));
}

TEST(CommandQueue, AFenceCommandRetiresWithoutWork) {
    OneQueue chip;
    chip.bench.push(COMMAND_FENCE);
    chip.run();
    EXPECT_EQ(chip.bench.queue.state().retired, 1u);
    EXPECT_THAT(chip.bench.worker.begins, IsEmpty());
    EXPECT_THAT(chip.observer.commands, IsEmpty());
}

TEST(CommandQueue, ACommandWaitsUntilAnotherQueueHasRetiredEnough) {
    FenceBoard fences(2);
    RecordingObserver observer;
    QueueBench producer(fences, observer, 0), consumer(fences, observer, 1);
    producer.push(work_opcode, 100);
    producer.push(work_opcode, 100);
    consumer.push_wait(work_opcode, 10, {{1, 1}, {1, 2}});
    Initiator cpu0("cpu0", [&](Initiator& cpu) {
        producer.ring.set_up(cpu);
        producer.ring.ring_doorbell(cpu);
    });
    Initiator cpu1("cpu1", [&](Initiator& cpu) {
        consumer.ring.set_up(cpu);
        consumer.ring.ring_doorbell(cpu);
        cpu.wait_until(50'000);
        ASSERT_TRUE(fences.waiting(1));
        EXPECT_EQ(fences.waiting(1)->queue_plus_one, 1u);
        EXPECT_EQ(fences.waiting(1)->count, 1u);
    });
    cpu0.socket.bind(producer.queue.registers);
    cpu1.socket.bind(consumer.queue.registers);
    sc_core::sc_start();
    // The consumer is ready at 16 ns; the producer retires at 116 and 216 ns.
    EXPECT_THAT(consumer.worker.begins, ElementsAre(216'000));
    EXPECT_FALSE(fences.waiting(1));
    EXPECT_EQ(observer.total(1, Activity::stall_fence), 200'000u);
    for (const auto& [unit, span] : observer.spans)
        if (span.activity == Activity::stall_fence) {
            EXPECT_EQ(span.detail, 0u) << "it waited for queue 0";
        }
}

TEST(CommandQueue, AWaitForWhatHasAlreadyRetiredCostsNothing) {
    OneQueue chip;
    chip.bench.push(work_opcode, 100);
    chip.bench.push_wait(work_opcode, 10, {{1, 1}});
    chip.run();
    EXPECT_THAT(chip.bench.worker.begins, ElementsAre(16'000, 116'000));
}

TEST(CommandQueue, AWaitForNobodyKeepsTheQueueWaitingAndSaysForWhat) {
    OneQueue chip;
    chip.bench.push_wait(work_opcode, 10, {{2, 5}});
    chip.run();
    EXPECT_EQ(chip.bench.queue.state().status, QUEUE_STATUS_RUNNING);
    ASSERT_TRUE(chip.fences.waiting(0));
    EXPECT_EQ(chip.fences.waiting(0)->queue_plus_one, 2u);
    EXPECT_EQ(chip.fences.waiting(0)->count, 5u);
}

TEST(FenceBoard, ComparesCountsAcrossTheWrapOfTheirThirtyTwoBits) {
    FenceBoard fences(1);
    EXPECT_TRUE(fences.reached(0, 0));
    EXPECT_TRUE(fences.reached(0, 0xffff'ffff)) << "one before zero has long been passed";
    EXPECT_TRUE(fences.reached(0, 0x8000'0001));
    EXPECT_FALSE(fences.reached(0, 1));
    EXPECT_FALSE(fences.reached(0, 0x7fff'ffff));
}

TEST(CommandQueue, RaisesItsInterruptWhenTheCommandAsksForItUntilItIsCleared) {
    OneQueue chip;
    chip.bench.push(work_opcode, 100);
    chip.bench.push(work_opcode, 100, COMMAND_FLAG_INTERRUPT);
    chip.run([&](Initiator& cpu) {
        chip.bench.ring.set_up(cpu);
        chip.bench.ring.ring_doorbell(cpu);
        wait(chip.bench.interrupt.posedge_event());
        EXPECT_EQ(now(), 216'000u);
        EXPECT_EQ(chip.bench.queue.state().retired, 2u) << "the fence has moved when the interrupt comes";
        EXPECT_EQ(cpu.read_value<std::uint32_t>(QUEUE_INTERRUPT), 1u);
        cpu.write_value<std::uint32_t>(QUEUE_INTERRUPT, 0);
        EXPECT_TRUE(chip.bench.interrupt.read()) << "writing zero clears nothing";
        cpu.write_value<std::uint32_t>(QUEUE_INTERRUPT, 1);
        EXPECT_FALSE(chip.bench.interrupt.read());
        EXPECT_EQ(cpu.read_value<std::uint32_t>(QUEUE_INTERRUPT), 0u);
    });
}

TEST(CommandQueue, RefusesDoorbellsThatMakeNoSense) {
    OneQueue chip(2, 4);
    for (int i = 0; i < 4; ++i)
        chip.bench.push(work_opcode, 100);
    chip.run([&](Initiator& cpu) {
        const auto doorbell = [&](std::uint32_t count) {
            cpu.write_value<std::uint32_t>(QUEUE_DOORBELL, count);
            return cpu.response();
        };
        EXPECT_EQ(doorbell(1), tlm::TLM_GENERIC_ERROR_RESPONSE) << "there is no ring yet";
        chip.bench.ring.set_up(cpu);
        EXPECT_EQ(doorbell(5), tlm::TLM_GENERIC_ERROR_RESPONSE) << "more than the ring holds";
        EXPECT_EQ(doorbell(4), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(doorbell(3), tlm::TLM_GENERIC_ERROR_RESPONSE) << "a command cannot be taken back";
        EXPECT_EQ(cpu.read_value<std::uint32_t>(QUEUE_DOORBELL), 4u);
        cpu.wait_until(150'000); // one has retired
        EXPECT_EQ(doorbell(6), tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(doorbell(4), tlm::TLM_OK_RESPONSE) << "nothing new is no mistake";
    });
    EXPECT_EQ(chip.bench.queue.state().retired, 4u);
}

TEST(CommandQueue, RefusesToMoveARingThatIsInUse) {
    OneQueue chip;
    chip.bench.push(work_opcode, 100);
    chip.run([&](Initiator& cpu) {
        chip.bench.ring.set_up(cpu);
        chip.bench.ring.ring_doorbell(cpu);
        cpu.write_value<std::uint64_t>(QUEUE_RING_BASE, 0x400);
        EXPECT_EQ(cpu.response(), tlm::TLM_GENERIC_ERROR_RESPONSE);
        cpu.write_value<std::uint32_t>(QUEUE_RING_ENTRIES, 16);
        EXPECT_EQ(cpu.response(), tlm::TLM_GENERIC_ERROR_RESPONSE);
        cpu.wait_until(500'000);
        cpu.write_value<std::uint64_t>(QUEUE_RING_BASE, 0x400);
        EXPECT_EQ(cpu.response(), tlm::TLM_OK_RESPONSE) << "it is idle now";
    });
}

TEST(CommandQueue, ARewoundQueueRunsItsRingAgain) {
    OneQueue chip;
    chip.bench.push(work_opcode, 100);
    chip.bench.push_wait(work_opcode, 50, {{1, 1}});
    chip.run([&](Initiator& cpu) {
        chip.bench.ring.set_up(cpu);
        chip.bench.ring.ring_doorbell(cpu);
        cpu.wait_until(1'000'000);
        cpu.write_value<std::uint32_t>(QUEUE_REWIND, 7);
        EXPECT_EQ(cpu.response(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(cpu.read_value<std::uint32_t>(QUEUE_RETIRED), 0u);
        EXPECT_EQ(cpu.read_value<std::uint32_t>(QUEUE_DOORBELL), 0u);
        EXPECT_EQ(cpu.read_value<std::uint32_t>(QUEUE_REWIND), 7u);
        cpu.wait_until(2'000'000);
        chip.bench.ring.ring_doorbell(cpu);
    });
    // Ten cycles for the descriptor, four to decode it, as after the first doorbell at 2 ns.
    EXPECT_THAT(chip.bench.worker.begins, ElementsAre(16'000, 116'000, 2'014'000, 2'114'000));
    EXPECT_EQ(chip.bench.queue.state().retired, 2u);
    EXPECT_EQ(chip.bench.queue.state().before, 2u);
    ASSERT_EQ(chip.observer.commands.size(), 4u);
    EXPECT_EQ(chip.observer.commands[1].tag.step, 0u);
    EXPECT_EQ(chip.observer.commands[2].tag.step, 7u) << "the step comes with the rewinding";
    std::vector<std::uint64_t> addresses;
    for (const auto& access : chip.bench.memory.seen())
        addresses.push_back(access.address);
    EXPECT_THAT(addresses, ElementsAre(0, 128, 0, 128)) << "descriptors are fetched again";
}

TEST(CommandQueue, WaitsOfARecordedListHoldInEveryRun) {
    FenceBoard fences(2);
    RecordingObserver observer;
    QueueBench producer(fences, observer, 0), consumer(fences, observer, 1);
    producer.push(work_opcode, 100);
    consumer.push_wait(work_opcode, 10, {{1, 1}});
    Initiator cpu0("cpu0", [&](Initiator& cpu) {
        producer.ring.set_up(cpu);
        producer.ring.ring_doorbell(cpu);
        cpu.wait_until(1'000'000);
        cpu.write_value<std::uint32_t>(QUEUE_REWIND, 0);
        cpu.wait_until(3'000'000);
        producer.ring.ring_doorbell(cpu);
    });
    Initiator cpu1("cpu1", [&](Initiator& cpu) {
        consumer.ring.set_up(cpu);
        consumer.ring.ring_doorbell(cpu);
        cpu.wait_until(1'000'000);
        cpu.write_value<std::uint32_t>(QUEUE_REWIND, 0);
        cpu.wait_until(2'000'000);
        consumer.ring.ring_doorbell(cpu); // long before the producer runs again
    });
    cpu0.socket.bind(producer.queue.registers);
    cpu1.socket.bind(consumer.queue.registers);
    sc_core::sc_start();
    EXPECT_THAT(producer.worker.begins, ElementsAre(16'000, 3'014'000));
    EXPECT_THAT(consumer.worker.begins, ElementsAre(116'000, 3'114'000));
}

TEST(CommandQueue, IsNotRewoundWhileCommandsAreInIt) {
    OneQueue chip;
    chip.bench.push(work_opcode, 100);
    chip.run([&](Initiator& cpu) {
        chip.bench.ring.set_up(cpu);
        chip.bench.ring.ring_doorbell(cpu);
        cpu.write_value<std::uint32_t>(QUEUE_REWIND, 1);
        EXPECT_EQ(cpu.response(), tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(cpu.read_value<std::uint32_t>(QUEUE_DOORBELL), 1u);
        EXPECT_EQ(cpu.read_value<std::uint32_t>(QUEUE_REWIND), 0u);
    });
    EXPECT_EQ(chip.bench.queue.state().retired, 1u);
}

// With the error codes of every device, register_access.h.
TEST(CommandQueue, RefusesBadRegisterAccessesAsEveryDeviceDoes) {
    OneQueue chip;
    chip.run([&](Initiator& cpu) {
        cpu.write_value<std::uint64_t>(QUEUE_RING_BASE, 64); // not a multiple of a descriptor
        EXPECT_EQ(cpu.response(), tlm::TLM_GENERIC_ERROR_RESPONSE);
        for (const std::uint32_t entries : {0u, 1u, 3u, 8192u}) {
            cpu.write_value<std::uint32_t>(QUEUE_RING_ENTRIES, entries);
            EXPECT_EQ(cpu.response(), tlm::TLM_GENERIC_ERROR_RESPONSE) << entries;
        }
        for (const std::uint64_t offset :
             {QUEUE_RETIRED, QUEUE_STATUS, QUEUE_ERROR, QUEUE_ERROR_INDEX, QUEUE_ERROR_FIELD}) { // read only
            cpu.write_value<std::uint32_t>(offset, 1);
            EXPECT_EQ(cpu.response(), tlm::TLM_COMMAND_ERROR_RESPONSE) << offset;
        }
        cpu.read_value<std::uint32_t>(0x800); // no register
        EXPECT_EQ(cpu.response(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
        cpu.write_value<std::uint64_t>(0x800, 1);
        EXPECT_EQ(cpu.response(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
        cpu.read_value<std::uint16_t>(QUEUE_STATUS); // half of one
        EXPECT_EQ(cpu.response(), tlm::TLM_BURST_ERROR_RESPONSE);
        cpu.read_value<std::uint32_t>(QUEUE_RING_BASE);
        EXPECT_EQ(cpu.response(), tlm::TLM_BURST_ERROR_RESPONSE);
        cpu.read(QUEUE_STATUS, nullptr, 4); // no byte enabled
        EXPECT_EQ(cpu.response(), tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    });
}

TEST(CommandQueue, ADebuggerReadsRegistersWithoutTime) {
    OneQueue chip;
    chip.bench.push(work_opcode, 100);
    chip.run([&](Initiator& cpu) {
        chip.bench.ring.set_up(cpu);
        chip.bench.ring.ring_doorbell(cpu);
        const Picoseconds before = now();
        Access access;
        std::uint32_t value = 0;
        EXPECT_EQ(cpu.socket->transport_dbg(access.read(QUEUE_DOORBELL, &value, 4)), 4u);
        EXPECT_EQ(value, 1u);
        value = 2;
        EXPECT_EQ(cpu.socket->transport_dbg(access.write(QUEUE_DOORBELL, &value, 4)), 0u);
        EXPECT_EQ(cpu.socket->transport_dbg(access.read(0x800, &value, 4)), 0u);
        EXPECT_EQ(now(), before);
    });
    EXPECT_EQ(chip.bench.queue.state().submitted, 1u);
}

TEST(CommandQueue, HaltsAtACommandThatItsUnitRefuses) {
    OneQueue chip;
    chip.bench.push(work_opcode, 10);
    chip.bench.push(bad_opcode);
    for (int i = 0; i < 6; ++i)
        chip.bench.push(work_opcode, 10);
    chip.run();
    chip.expect_halted(QUEUE_ERROR_OPCODE, 1, 0);
    EXPECT_LT(chip.bench.memory.seen().size(), 8u) << "a halted queue stops fetching";
}

TEST(CommandQueue, HaltsAtAHeaderThatIsNotWellFormed) {
    OneQueue chip;
    command descriptor{};
    descriptor.header.reserved1 = 1;
    chip.bench.ring.push(descriptor);
    chip.run();
    chip.expect_halted(QUEUE_ERROR_VALUE, 0, offsetof(command_header, reserved1));
}

TEST(CommandQueue, HaltsAtAFlagThatMeansNothing) {
    OneQueue chip;
    chip.bench.push(work_opcode, 10, 0x80);
    chip.run();
    chip.expect_halted(QUEUE_ERROR_VALUE, 0, offsetof(command_header, flags));
}

TEST(CommandQueue, HaltsAtAWaitForAQueueThatDoesNotExist) {
    OneQueue chip;
    chip.bench.push_wait(work_opcode, 10, {{1, 0}, {3, 0}});
    chip.run();
    chip.expect_halted(QUEUE_ERROR_VALUE, 0, offsetof(command_header, waits) + sizeof(command_wait));
}

TEST(CommandQueue, HaltsWhenTheDescriptorCannotBeRead) {
    OneQueue chip;
    chip.bench.push(work_opcode, 10);
    chip.bench.push(work_opcode, 10);
    chip.bench.memory.refuse({128, 128});
    chip.run();
    chip.expect_halted(QUEUE_ERROR_FETCH, 1, 0);
}

TEST(CommandQueue, SplitsTheTimeOfACommandIntoProgressAndMemoryStall) {
    OneQueue chip;
    chip.bench.worker.memory_stall = 30'000;
    chip.bench.push(work_opcode, 100);
    chip.run();
    EXPECT_EQ(chip.observer.total(0, Activity::busy), 70'000u);
    EXPECT_EQ(chip.observer.total(0, Activity::stall_memory), 30'000u);
}

} // namespace
} // namespace gradus::ip::command_queue_test
