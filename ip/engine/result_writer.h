// SPDX-License-Identifier: Apache-2.0
// Writes results in a process of its own, so that they leave an engine while it reads and computes on. Jobs are done in
// order; after one that is refused, those behind it are dropped.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <systemc>

#include "ip/engine/operand_port.h"

namespace gradus::ip {

class ResultWriter : public sc_core::sc_module {
public:
    /// Writes through the writer's port; may wait.
    using Job = std::function<std::optional<CommandError>()>;

    /// `port` must outlive the writer.
    ResultWriter(sc_core::sc_module_name name, OperandPort& port);

    /// Nothing of the job is issued before `time`.
    void submit(Picoseconds time, Job job);
    /// Blocks the caller until at most `pending` jobs (0 or 1) are left. Returns when the last answer to those in front
    /// of them is there.
    Picoseconds wait_for_all_but(std::size_t pending);
    /// What a job since the last call was refused with. To be called when none is left.
    std::optional<CommandError> take_error();

private:
    struct Order {
        Picoseconds time;
        Job job;
    };
    void write_thread();

    OperandPort& port_;
    std::deque<Order> orders_; // the first is at work
    std::uint64_t submitted_ = 0;
    std::array<Picoseconds, 2> done_{}; // of the two latest jobs, by number
    std::optional<CommandError> error_;
    sc_core::sc_event arrived_, finished_;
};

} // namespace gradus::ip
