// SPDX-License-Identifier: Apache-2.0
#include "platform/planning/command_list.h"

#include <string>
#include <vector>

#include "platform/chip/memory_map.h"
#include "platform/chip/simulation.h"
#include "platform/planning/hosted_ops.h"
#include "platform/planning/timeless_chip.h"
#include "platform/schedule/image.h"

extern "C" {
#include "firmware/hal/queue.h"
#include "firmware/runtime/runtime.h"
}

namespace gradus::planning {

namespace {

class ListingChip : public TimelessChip {
public:
    ListingChip(const info_block& described, const Visitor& visit) : TimelessChip(described), visit_(visit) {}

private:
    void given(unsigned queue, const command& descriptor) override {
        visit_(queue, queues[queue].submitted, descriptor);
    }

    const Visitor& visit_;
};

} // namespace

void visit_commands(const scenario::ChipParameters& chip, const schedule::Schedule& schedule, const Visitor& visit) {
    const ListingChip listing(chip::describe_to_firmware(chip, schedule.image_range.base), visit);
    try {
        runtime_init();
        const HostedOps ops(schedule);
        // As the firmware finds on a chip whose SRAM has room for the longest rings.
        runtime.commands_are_cheap = (schedule::flags_of(schedule) & IMAGE_RECORD) != 0 &&
                                     ops.size() <= runtime.fence_queues * QUEUE_MAX_ENTRIES;
        const image_update first_step{};
        runtime_begin_step(&first_step, 0);
        background_begin_step();
        for (std::uint32_t number = 0; number < ops.size(); ++number) {
            const image_op* const op = ops.at(number);
            runtime_begin_op(op, number, op->phase);
            background_run_op(op);
            runtime_end_op();
        }
        runtime_drain();
    } catch (const FirmwareFailure& failure) {
        throw chip::Refused(std::string("firmware: ") + failure.what());
    }
}

} // namespace gradus::planning
