// SPDX-License-Identifier: Apache-2.0
// The firmware's hal on the host, as far as kernels need it.
#include "platform/planning/hosted_chip.h"

#include <cstdarg>
#include <cstdio>

extern "C" {
#include "firmware/hal/queue.h"
}

namespace gradus::planning {

namespace {

HostedChip* current_chip = nullptr;

} // namespace

HostedChip::HostedChip() { current_chip = this; }

HostedChip::~HostedChip() { current_chip = nullptr; }

HostedChip& HostedChip::current() { return *current_chip; }

} // namespace gradus::planning

using gradus::planning::HostedChip;

extern "C" {

struct queue queues[INFO_QUEUES];

const info_block* hal_info() { return &HostedChip::current().info; }

[[noreturn]] void hal_fail(int code, const char* format, ...) {
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    throw gradus::planning::FirmwareFailure(code, text);
}

void queue_make_room(struct queue* queue) { HostedChip::current().make_room(static_cast<unsigned>(queue - queues)); }
std::uint32_t queue_submit(std::uint64_t queue) { return HostedChip::current().submit(static_cast<unsigned>(queue)); }
void queue_wait(std::uint64_t queue, std::uint32_t count) {
    HostedChip::current().wait(static_cast<unsigned>(queue), count);
}
void queue_rewind(std::uint64_t queue, std::uint32_t /*step*/) {
    HostedChip::current().rewind(static_cast<unsigned>(queue));
}
void queue_run(std::uint64_t queue, std::uint32_t count) {
    HostedChip::current().run(static_cast<unsigned>(queue), count);
}
}
