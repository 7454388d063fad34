// SPDX-License-Identifier: Apache-2.0
#include "platform/planning/planning.h"

#include <set>
#include <string>
#include <vector>

#include "platform/chip/memory_map.h"
#include "platform/planning/hosted_ops.h"
#include "platform/planning/timeless_chip.h"
#include "platform/planning/training_firmware.h"
#include "platform/schedule/image.h"

extern "C" {
#include "firmware/kernels/kernels.h"
#include "firmware/runtime/runtime.h"
}

namespace gradus::planning {

namespace {

/// By then a kernel has all of its tiles: what it submits before the last of them is a row or two that it keeps.
constexpr unsigned telling_commands = 16;

struct HasItsTiles {};

class PlanningChip : public TimelessChip {
public:
    using TimelessChip::TimelessChip;

    void begin_op() { commands_ = 0; }

private:
    void given(unsigned /*queue*/, const command& /*descriptor*/) override {
        if (++commands_ == telling_commands) throw HasItsTiles();
    }

    unsigned commands_ = 0;
};

/// What a plan depends on: all of the operator but where its operands lie and whom it waits for.
using Record = std::vector<std::uint64_t>;

Record shape_of(schedule::Op op) {
    op.image.phase = 0;
    op.image.layer = 0;
    for (image_operand& operand : op.operands) {
        operand.address = operand.address != 0;
        operand.step_stride = 0;
        operand.after = 0;
    }
    return schedule::record_of(op);
}

void plan_op(PlanningChip& chip, const image_op* op, std::uint32_t number) {
    chip.begin_op();
    runtime_begin_op(op, number, op->phase);
    try {
        kernel_run(op);
    } catch (const HasItsTiles&) { // the rest is loops
    }
    runtime_end_op();
}

} // namespace

void plan(const scenario::ChipParameters& chip, const schedule::Schedule& schedule) {
    PlanningChip planning(chip::describe_to_firmware(chip, schedule.image_range.base));
    try {
        runtime_init();
        const image_update any_step{};
        runtime_begin_step(&any_step, 0);
        const HostedOps ops(schedule);
        std::set<Record> planned;
        for (std::uint32_t number = 0; number < ops.size(); ++number)
            if (planned.insert(shape_of(schedule.ops[number])).second) plan_op(planning, ops.at(number), number);
    } catch (const FirmwareFailure& failure) {
        throw chip::Refused(std::string("firmware: ") + failure.what());
    }
}

void plan_before_start(chip::Inputs& inputs) {
    if (is_training_firmware(inputs.firmware))
        inputs.before_start = [&chip = inputs.scenario.chip, &schedule = inputs.schedule](chip::VirtualChip&) {
            plan(chip, schedule);
        };
}

} // namespace gradus::planning
