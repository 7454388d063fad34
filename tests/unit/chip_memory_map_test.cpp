// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include <gtest/gtest.h>

#include "platform/chip/memory_map.h"
#include "platform/scenario/schema.h"

namespace gradus::chip::chip_memory_map_test {
namespace {

/// As large as the schema allows in every respect.
scenario::ChipParameters largest_chip() {
    scenario::Scenario scenario;
    for (const char* key : {"chip.sram.bytes", "chip.scratchpad.bytes", "chip.dram.bytes", "chip.dma.channels"}) {
        const scenario::Parameter* parameter = scenario::find(key);
        parameter->set(scenario, static_cast<std::uint64_t>(parameter->maximum));
    }
    return scenario.chip;
}

std::vector<ip::AddressRange> ranges_of(const scenario::ChipParameters& chip) {
    std::vector<ip::AddressRange> ranges{info_range,       clint_range,      plic_range,
                                         uart_range,       mailbox_range,    perfmon_range,
                                         sram_range(chip), dram_range(chip), scratchpad_range(chip)};
    for (unsigned queue = 0; queue < queue_count(chip); ++queue)
        ranges.push_back(queue_range(queue));
    return ranges;
}

TEST(MemoryMap, HoldsTheLargestChipWithoutOverlaps) {
    const auto ranges = ranges_of(largest_chip());
    for (std::size_t i = 0; i < ranges.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            EXPECT_TRUE(ranges[i].base >= ranges[j].end() || ranges[j].base >= ranges[i].end())
                << std::hex << ranges[i].base << " and " << ranges[j].base;
}

TEST(MemoryMap, TheInfoBlockListsEveryQueueWithItsRegistersAndInterrupt) {
    const scenario::ChipParameters chip = largest_chip();
    const info_block info = describe_to_firmware(chip, 0x1'0000'0000);
    EXPECT_EQ(info.magic, INFO_MAGIC);
    ASSERT_EQ(info.queue_count, chip.dma.channels + 2);
    ASSERT_LE(info.queue_count, INFO_QUEUES);
    ASSERT_LE(info.queue_count, COMMAND_MAX_QUEUES);
    for (unsigned queue = 0; queue < info.queue_count; ++queue) {
        EXPECT_EQ(info.queue[queue].registers, queue_range(queue).base);
        EXPECT_EQ(info.queue[queue].interrupt, queue + 1) << "source 0 means none";
    }
    EXPECT_EQ(info.queue[chip.dma.channels - 1].kind, INFO_QUEUE_DMA);
    EXPECT_EQ(info.queue[matrix_queue(chip)].kind, INFO_QUEUE_MATRIX);
    EXPECT_EQ(info.queue[vector_queue(chip)].kind, INFO_QUEUE_VECTOR);
}

TEST(MemoryMap, TheInfoBlockIsTheOneAddressFirmwareMustKnow) {
    EXPECT_EQ(info_range.base, INFO_BLOCK_ADDRESS);
    EXPECT_GE(info_range.bytes, sizeof(info_block));
    scenario::ChipParameters chip;
    chip.clock_mhz = 33.3; // a period of 30,030 ps
    chip.matrix.rows = 7;
    const info_block info = describe_to_firmware(chip, 0x1'2345'6700);
    EXPECT_EQ(info.clock_hz, 33'300'033u) << "of the clock that there is";
    EXPECT_EQ(info.matrix_rows, 7u);
    EXPECT_EQ(info.image_address, 0x1'2345'6700u);
    EXPECT_EQ(info.dram_base, dram_range(chip).base);
    EXPECT_EQ(info.scratchpad_bytes, chip.scratchpad.bytes);
}

TEST(MemoryMap, TheInfoBlockDescribesWhatATilingDependsOn) {
    scenario::ChipParameters chip;
    chip.clock_mhz = 100;
    chip.engine_clock_mhz = 250;
    chip.matrix.dataflow = ip::Dataflow::weight;
    chip.matrix.folds = ip::FoldChaining::overlapped;
    chip.fabric.port_bytes = 4096;
    const info_block info = describe_to_firmware(chip, 0);
    EXPECT_EQ(info.matrix_dataflow, INFO_DATAFLOW_WEIGHT);
    EXPECT_EQ(info.matrix_overlaps, 1u);
    EXPECT_EQ(info.matrix_clock_hz, 250'000'000u);
    EXPECT_EQ(info.memory_bandwidth, static_cast<std::uint64_t>(ip::peak_bandwidth(chip.dram))) << "a wide port";
    chip.fabric.port_bytes = 4;
    EXPECT_EQ(describe_to_firmware(chip, 0).memory_bandwidth, 400'000'000u)
        << "the port is what bounds: 4 bytes at 100 MHz";
}

} // namespace
} // namespace gradus::chip::chip_memory_map_test
