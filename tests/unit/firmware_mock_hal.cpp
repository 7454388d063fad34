// SPDX-License-Identifier: Apache-2.0
// What only the unit tests run of the firmware asks its hal for: the mailbox and the SRAM.
#include "tests/unit/firmware_mock_chip.h"

namespace {

gradus::test::MockChip& mock() { return *gradus::test::MockChip::current; }

} // namespace

extern "C" {

void mailbox_send(unsigned kind, std::uint64_t argument0, std::uint64_t argument1) {
    mock().messages.push_back({kind, argument0, argument1});
}

void* memory_allocate(std::uint64_t bytes, std::uint64_t alignment) { return mock().allocate_sram(bytes, alignment); }
std::uint64_t memory_left() { return mock().sram_left(); }
}
