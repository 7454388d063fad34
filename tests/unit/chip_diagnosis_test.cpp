// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ip/dma/dma_command.h"
#include "ip/engine/matrix_command.h"
#include "ip/engine/vector_command.h"
#include "platform/chip/diagnosis.h"

namespace gradus::chip::chip_diagnosis_test {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// dma0, dma1, matrix, vector, all idle.
std::vector<QueueSnapshot> idle_queues() {
    std::vector<QueueSnapshot> queues(4);
    queues[0].name = "dma0";
    queues[1].name = "dma1";
    queues[2] = {"matrix", observe::UnitKind::matrix, {}, {}};
    queues[3] = {"vector", observe::UnitKind::vector, {}, {}};
    return queues;
}

constexpr std::uint32_t body_field(std::size_t offset) {
    return static_cast<std::uint32_t>(sizeof(command_header) + offset);
}

QueueSnapshot halted(unsigned queue, std::uint32_t error, std::uint32_t field, std::uint32_t index = 17) {
    QueueSnapshot snapshot = idle_queues()[queue];
    snapshot.state.status = QUEUE_STATUS_HALTED;
    snapshot.state.submitted = index + 1;
    snapshot.state.retired = snapshot.state.error_index = index;
    snapshot.state.error = error;
    snapshot.state.error_field = field;
    return snapshot;
}

void make_wait(QueueSnapshot& queue, unsigned other, std::uint32_t count) {
    queue.state.status = QUEUE_STATUS_RUNNING;
    queue.state.submitted = queue.state.retired + 1;
    queue.waiting = command_wait{other + 1, count};
}

std::string hang_of(const std::vector<QueueSnapshot>& queues) {
    return describe_hang("the hart sleeps in WFI at 0x80000100 (main+0x10)", queues);
}

TEST(Diagnosis, AHaltNamesUnitCommandFieldAndReason) {
    EXPECT_EQ(describe_halt(halted(0, QUEUE_ERROR_VALUE, body_field(offsetof(dma_body, src_pitch)))),
              "dma0 halted at command 17: illegal value in src_pitch (byte 80 of the descriptor)");
    EXPECT_EQ(
        describe_halt(halted(2, QUEUE_ERROR_ADDRESS, body_field(offsetof(matrix_body, bias)), 0)),
        "matrix halted at command 0: bad address in bias (byte 72 of the descriptor): nothing answers there, or it is "
        "misaligned");
    EXPECT_EQ(describe_halt(halted(1, QUEUE_ERROR_INDEXED, body_field(offsetof(dma_body, index)))),
              "dma1 halted at command 17: an index read from index (byte 64 of the descriptor) is out of range");
    EXPECT_EQ(describe_halt(halted(3, QUEUE_ERROR_OPCODE, 0)),
              "vector halted at command 17: illegal value in opcode (byte 0 of the descriptor)");
    EXPECT_EQ(describe_halt(halted(3, QUEUE_ERROR_FETCH, 0)),
              "vector halted at command 17: its descriptor could not be read: nothing answers in the ring");
}

TEST(Diagnosis, TheSameByteHasADifferentNameInEveryUnitsDescriptor) {
    constexpr std::uint32_t byte = body_field(24); // behind three addresses
    EXPECT_THAT(describe_halt(halted(0, QUEUE_ERROR_VALUE, byte)), HasSubstr("in rows "));
    EXPECT_THAT(describe_halt(halted(2, QUEUE_ERROR_VALUE, byte)), HasSubstr("in bias "));
    EXPECT_THAT(describe_halt(halted(3, QUEUE_ERROR_VALUE, byte)), HasSubstr("in c "));
}

TEST(Diagnosis, AByteInsideAFieldHasTheFieldsName) {
    EXPECT_THAT(describe_halt(halted(0, QUEUE_ERROR_VALUE, body_field(offsetof(dma_body, reserved) + 7))),
                HasSubstr("in reserved (byte 106 "));
    EXPECT_THAT(describe_halt(halted(0, QUEUE_ERROR_VALUE, offsetof(command_header, waits) + 2 * sizeof(command_wait))),
                HasSubstr("in waits[2] (byte 32 "));
    EXPECT_THAT(describe_halt(halted(2, QUEUE_ERROR_VALUE, COMMAND_BYTES - 1)), HasSubstr("in reserved (byte 127 "));
}

TEST(Diagnosis, EveryFieldOfADescriptorHasAName) {
    for (unsigned queue : {0u, 2u, 3u})
        for (std::uint32_t byte = 0; byte < COMMAND_BYTES; ++byte)
            EXPECT_THAT(describe_halt(halted(queue, QUEUE_ERROR_VALUE, byte)),
                        ::testing::ContainsRegex("in [a-z][a-z0-9_]*(\\[[0-9]\\])? \\(byte"));
}

TEST(Diagnosis, AHangBeginsWithTheHart) {
    EXPECT_THAT(hang_of(idle_queues()),
                StartsWith("the chip hangs: the hart sleeps in WFI at 0x80000100 (main+0x10)\n"));
}

TEST(Diagnosis, WithNothingSubmittedThereIsNobodyToWakeTheHart) {
    EXPECT_THAT(hang_of(idle_queues()),
                EndsWith("\n  all queues are empty: no unit has work, none will raise an interrupt"));
}

TEST(Diagnosis, QueuesWithoutWorkAreLeftOut) {
    auto queues = idle_queues();
    queues[3].state = {};
    queues[3].state.submitted = queues[3].state.retired = 5;
    make_wait(queues[0], 3, 6);
    EXPECT_THAT(hang_of(queues), AllOf(HasSubstr("\n  dma0 (command 0) waits"), Not(HasSubstr("\n  vector")),
                                       Not(HasSubstr("all queues are empty"))));
}

TEST(Diagnosis, AWaitForCommandsThatWereNeverSubmittedIsNamed) {
    auto queues = idle_queues();
    queues[3].state.submitted = queues[3].state.retired = 2;
    queues[0].state.retired = 9;
    make_wait(queues[0], 3, 5);
    EXPECT_THAT(
        hang_of(queues),
        EndsWith("\n  dma0 (command 9) waits until vector has retired 5 commands; it has retired 2 and only 2 were "
                 "ever submitted: nobody will release this wait"));
}

TEST(Diagnosis, CountsOfCommandsWrapAround) {
    auto queues = idle_queues();
    queues[3].state.submitted = 3; // 2^32 + 3 in truth
    queues[3].state.retired = 0xffff'fff0;
    make_wait(queues[0], 3, 2);
    EXPECT_THAT(hang_of(queues), Not(HasSubstr("ever submitted")));
    make_wait(queues[0], 3, 4);
    EXPECT_THAT(hang_of(queues), HasSubstr("only 3 were ever submitted"));
}

TEST(Diagnosis, AWaitThatWillBeReleasedBlamesWhomItWaitsFor) {
    auto queues = idle_queues();
    make_wait(queues[0], 2, 18);
    queues[2] = halted(2, QUEUE_ERROR_VALUE, body_field(offsetof(matrix_body, m)));
    const std::string report = hang_of(queues);
    EXPECT_THAT(report,
                HasSubstr("\n  dma0 (command 0) waits until matrix has retired 18 commands; it has retired 17"));
    EXPECT_THAT(report, HasSubstr("\n  matrix halted at command 17: illegal value in m "));
    EXPECT_THAT(report, Not(HasSubstr("circle")));
}

TEST(Diagnosis, ACircleOfWaitsIsNamedOnce) {
    auto queues = idle_queues();
    make_wait(queues[0], 2, 1); // waits for the circle, is not part of it
    make_wait(queues[2], 3, 1);
    make_wait(queues[3], 1, 1);
    make_wait(queues[1], 2, 1);
    const std::string report = hang_of(queues);
    EXPECT_THAT(report, EndsWith("\n  these waits form a circle: dma1 -> matrix -> vector -> dma1"));
    EXPECT_EQ(report.find("circle"), report.rfind("circle"));
}

TEST(Diagnosis, AQueueThatWaitsForItselfIsACircleOfOne) {
    auto queues = idle_queues();
    make_wait(queues[1], 1, 1);
    EXPECT_THAT(hang_of(queues), EndsWith("these waits form a circle: dma1 -> dma1"));
}

TEST(Diagnosis, AUnitInTheMiddleOfACommandIsShown) {
    auto queues = idle_queues();
    queues[2].state.status = QUEUE_STATUS_RUNNING;
    queues[2].state.submitted = 8;
    queues[2].state.retired = 3;
    EXPECT_THAT(hang_of(queues), EndsWith("\n  matrix is at command 3 of 8 submitted"));
}

} // namespace
} // namespace gradus::chip::chip_diagnosis_test
