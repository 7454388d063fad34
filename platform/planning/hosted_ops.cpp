// SPDX-License-Identifier: Apache-2.0
#include "platform/planning/hosted_ops.h"

#include "platform/schedule/image.h"

extern "C" {
#include "firmware/kernels/kernels.h"
}

namespace gradus::planning {

namespace {

const HostedOps* current_ops = nullptr;

const image_op* get(std::uint32_t number) { return current_ops->at(number); }

} // namespace

HostedOps::HostedOps(const schedule::Schedule& schedule) : memory_(schedule.ops.size()) {
    records_.reserve(schedule.ops.size());
    for (const schedule::Op& op : schedule.ops)
        records_.push_back(schedule::record_of(op));
    current_ops = this;
    if (schedule::flags_of(schedule) & IMAGE_EARLY_UPDATES) background_open(get, size(), memory_.data());
}

HostedOps::~HostedOps() { current_ops = nullptr; }

const image_op* HostedOps::at(std::uint32_t number) const {
    const std::vector<std::uint64_t>& record = records_[number];
    const auto* const op = reinterpret_cast<const image_op*>(record.data());
    kernel_check(op, number, static_cast<std::uint32_t>(record.size() * sizeof record[0]));
    return op;
}

} // namespace gradus::planning
