// SPDX-License-Identifier: Apache-2.0
// A command in words.
#include <cstring>

#include <gtest/gtest.h>

#include "ip/dma/dma_command.h"
#include "ip/engine/matrix_command.h"
#include "platform/observe/command_words.h"

namespace gradus::command_words_test {
namespace {

const std::vector<observe::UnitInfo> units{{"dma0", observe::UnitKind::dma, 8, ip::Clock{}},
                                           {"matrix", observe::UnitKind::matrix, 16, ip::Clock{}}};

TEST(CommandWords, SayWhatACommandDoesAndWhatItWaitsFor) {
    dma_body body{};
    body.rows = 16;
    body.cols = 64;
    command descriptor{};
    descriptor.header.opcode = DMA_COPY;
    descriptor.header.waits[0] = {2, 7};
    descriptor.header.waits[2] = {1, 3};
    std::memcpy(descriptor.body, &body, sizeof body);
    const observe::CommandWords words = observe::command_words(units, 0, descriptor);
    EXPECT_EQ(words.queue, "dma0");
    EXPECT_EQ(observe::command_line(words), "copy 16x64, waits for matrix 7, dma0 3");
}

TEST(CommandWords, OfAProductHaveItsThreeDimensions) {
    matrix_body body{};
    body.m = 2;
    body.n = 3;
    body.k = 4;
    command descriptor{};
    descriptor.header.opcode = MATRIX_MULTIPLY;
    std::memcpy(descriptor.body, &body, sizeof body);
    EXPECT_EQ(observe::command_line(observe::command_words(units, 1, descriptor)), "multiply 2x3x4");
}

TEST(CommandWords, OfAFenceHaveNoShape) {
    command descriptor{};
    const observe::CommandWords words = observe::command_words(units, 1, descriptor);
    EXPECT_EQ(words.command, "fence");
    EXPECT_EQ(words.shape, "-");
    EXPECT_EQ(words.waits, "-");
}

} // namespace
} // namespace gradus::command_words_test
