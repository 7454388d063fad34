// SPDX-License-Identifier: Apache-2.0
#include "platform/planning/command_list.h"

#include <string>
#include <vector>

#include "platform/chip/memory_map.h"
#include "platform/chip/simulation.h"
#include "platform/planning/timeless_chip.h"
#include "platform/schedule/image.h"

extern "C" {
#include "firmware/kernels/kernels.h"
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

void visit_commands(const scenario::ChipParameters& chip, const schedule::Schedule& schedule, bool record_commands,
                    const Visitor& visit) {
    const ListingChip listing(chip::describe_to_firmware(chip, schedule.image_range.base), visit);
    try {
        runtime_init();
        runtime.commands_are_cheap = record_commands;
        const image_update first_step{};
        runtime_begin_step(&first_step, 0);
        std::uint32_t number = 0;
        for (const schedule::Op& op : schedule.ops) {
            const std::vector<std::uint64_t> record = schedule::record_of(op);
            const auto* const image = reinterpret_cast<const image_op*>(record.data());
            kernel_check(image, number, static_cast<std::uint32_t>(record.size() * sizeof record[0]));
            runtime_begin_op(image, number++, image->phase);
            kernel_run(image);
            runtime_end_op();
        }
        runtime_drain();
    } catch (const FirmwareFailure& failure) {
        throw chip::Refused(std::string("firmware: ") + failure.what());
    }
}

} // namespace gradus::planning
