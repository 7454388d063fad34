// SPDX-License-Identifier: Apache-2.0
// The firmware's hal in unit_tests: what the firmware asks for, the mock chip does.
#include <cstdarg>
#include <cstdio>

#include "tests/unit/firmware_mock_chip.h"

namespace {

gradus::test::MockChip& mock() { return *gradus::test::MockChip::current; }

} // namespace

extern "C" {

const info_block* hal_info() { return &mock().info; }

[[noreturn]] void hal_fail(int code, const char* format, ...) {
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    throw gradus::test::FirmwareFailure(code, text);
}

void mailbox_send(unsigned kind, std::uint64_t argument0, std::uint64_t argument1) {
    mock().messages.push_back({kind, argument0, argument1});
}

void* memory_allocate(std::uint64_t bytes, std::uint64_t alignment) { return mock().allocate_sram(bytes, alignment); }
std::uint64_t memory_left() { return mock().sram_left(); }
struct queue queues[INFO_QUEUES];
void queue_make_room(struct queue* queue) { mock().make_room(static_cast<unsigned>(queue - queues)); }
std::uint32_t queue_submit(std::uint64_t queue) { return mock().submit(static_cast<unsigned>(queue)); }
void queue_wait(std::uint64_t queue, std::uint32_t count) { mock().wait(static_cast<unsigned>(queue), count); }
}
