// SPDX-License-Identifier: Apache-2.0
#include "platform/chip/memory_map.h"

#include <algorithm>

#include "ip/common/units.h"
#include "platform/scenario/clocks.h"

namespace gradus::chip {

namespace {

std::uint64_t hertz(ip::Clock clock) { return static_cast<std::uint64_t>(clock.hertz() + 0.5); }

std::uint32_t dataflow_number(ip::Dataflow dataflow) {
    switch (dataflow) {
    case ip::Dataflow::output:
        return INFO_DATAFLOW_OUTPUT;
    case ip::Dataflow::weight:
        return INFO_DATAFLOW_WEIGHT;
    case ip::Dataflow::input:
        return INFO_DATAFLOW_INPUT;
    case ip::Dataflow::dot:
        break;
    }
    return INFO_DATAFLOW_DOT;
}

/// Of the DRAM or of the fabric's port in front of it, whichever is less.
std::uint64_t memory_bandwidth(const scenario::ChipParameters& chip) {
    const auto port = static_cast<double>(scenario::port_bytes(chip, chip.fabric_ports.dram));
    return static_cast<std::uint64_t>(
        std::min(ip::peak_bandwidth(chip.dram), port * scenario::fabric_clock(chip).hertz()));
}

} // namespace

info_block describe_to_firmware(const scenario::ChipParameters& chip, std::uint64_t image_address) {
    info_block info{};
    info.magic = INFO_MAGIC;
    info.version = INFO_VERSION;
    info.clock_hz = hertz(scenario::chip_clock(chip));
    info.sram_base = sram_base;
    info.sram_bytes = chip.sram.bytes;
    info.scratchpad_base = scratchpad_base;
    info.scratchpad_bytes = chip.scratchpad.bytes;
    info.dram_base = dram_base;
    info.dram_bytes = chip.dram.bytes;
    info.image_address = image_address;
    info.uart = uart_range.base;
    info.clint = clint_range.base;
    info.plic = plic_range.base;
    info.mailbox = mailbox_range.base;
    info.perfmon = perfmon_range.base;
    info.matrix_rows = chip.matrix.rows;
    info.matrix_cols = chip.matrix.cols;
    info.vector_lanes = chip.vector.lanes;
    info.matrix_formats = INFO_FORMAT_FP32 | INFO_FORMAT_BF16;
    info.vector_features = (chip.vector.fused ? INFO_VECTOR_SOFTMAX | INFO_VECTOR_RMSNORM : 0) |
                           (chip.vector.columns ? INFO_VECTOR_COLUMNS : 0);
    info.matrix_dataflow = dataflow_number(chip.matrix.dataflow);
    info.matrix_overlaps = chip.matrix.folds == ip::FoldChaining::overlapped;
    info.matrix_clock_hz = hertz(scenario::engine_clock(chip));
    info.memory_bandwidth = memory_bandwidth(chip);
    info.matrix_port_bytes = static_cast<std::uint32_t>(ip::port_bytes(chip.matrix));
    info.queue_count = queue_count(chip);
    for (unsigned queue = 0; queue < info.queue_count; ++queue) {
        const std::uint32_t kind = queue < chip.dma.channels     ? INFO_QUEUE_DMA
                                   : queue == matrix_queue(chip) ? INFO_QUEUE_MATRIX
                                                                 : INFO_QUEUE_VECTOR;
        info.queue[queue] = {kind, queue_interrupt(queue), queue_range(queue).base};
    }
    return info;
}

} // namespace gradus::chip
