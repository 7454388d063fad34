// SPDX-License-Identifier: Apache-2.0
// Where everything is. Firmware learns these addresses from the info block, so they are written down here only.
#pragma once

#include <cstdint>

#include "ip/common/address_range.h"
#include "ip/common/command.h"
#include "ip/peripherals/clint.h"
#include "ip/peripherals/info_block.h"
#include "ip/peripherals/mailbox.h"
#include "ip/peripherals/perfmon.h"
#include "ip/peripherals/plic.h"
#include "ip/peripherals/uart.h"
#include "platform/scenario/parameters.h"

namespace gradus::chip {

inline constexpr ip::AddressRange info_range{INFO_BLOCK_ADDRESS, INFO_BLOCK_BYTES};
inline constexpr ip::AddressRange clint_range{0x0200'0000, CLINT_REGISTER_BYTES};
inline constexpr ip::AddressRange plic_range{0x0c00'0000, PLIC_REGISTER_BYTES};
inline constexpr ip::AddressRange uart_range{0x1000'0000, UART_REGISTER_BYTES};
inline constexpr ip::AddressRange mailbox_range{0x1000'1000, MAILBOX_REGISTER_BYTES};
inline constexpr ip::AddressRange perfmon_range{0x1000'2000, PERFMON_REGISTER_BYTES};
inline constexpr std::uint64_t scratchpad_base = 0x4000'0000;
inline constexpr std::uint64_t sram_base = 0x8000'0000;
inline constexpr std::uint64_t dram_base = 0x1'0000'0000;

/// Registers of queue `queue`.
inline constexpr ip::AddressRange queue_range(unsigned queue) {
    return {0x1100'0000 + std::uint64_t{queue} * QUEUE_REGISTER_BYTES, QUEUE_REGISTER_BYTES};
}
/// Its interrupt at the interrupt controller; source 0 means "none" there.
inline constexpr unsigned queue_interrupt(unsigned queue) { return queue + 1; }

inline ip::AddressRange scratchpad_range(const scenario::ChipParameters& chip) {
    return {scratchpad_base, chip.scratchpad.bytes};
}
inline ip::AddressRange sram_range(const scenario::ChipParameters& chip) { return {sram_base, chip.sram.bytes}; }
inline ip::AddressRange dram_range(const scenario::ChipParameters& chip) { return {dram_base, chip.dram.bytes}; }

/// Queues in the order of their numbers: the DMA channels, then the matrix unit, then the vector unit.
inline unsigned queue_count(const scenario::ChipParameters& chip) { return chip.dma.channels + 2; }
inline unsigned matrix_queue(const scenario::ChipParameters& chip) { return chip.dma.channels; }
inline unsigned vector_queue(const scenario::ChipParameters& chip) { return chip.dma.channels + 1; }

/// What the info block tells firmware about this chip.
info_block describe_to_firmware(const scenario::ChipParameters& chip, std::uint64_t image_address);

} // namespace gradus::chip
