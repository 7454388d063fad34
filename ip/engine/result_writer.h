// SPDX-License-Identifier: Apache-2.0
// ResultWriter: a SystemC process of its own that writes results, so that they leave an engine while the engine reads
// and computes on. It does its jobs in order. When the memory refuses one, the writer drops the jobs behind it.
//
// Example: jobs 0 and 1 are submitted. wait_for_all_but(1) blocks until job 0 is done. If job 0 is refused, job 1 is
// never written, and take_error() returns the error of job 0.
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
    /// A job writes through the writer's port. It may wait.
    using Job = std::function<std::optional<CommandError>()>;

    /// `port` must outlive the writer.
    ResultWriter(sc_core::sc_module_name name, OperandPort& port);

    /// Adds a job. The writer issues nothing of it before `time`.
    void submit(Picoseconds time, Job job);
    /// Blocks the caller until at most `pending` jobs (0 or 1) are left. Returns the time of the last answer to the
    /// jobs that are done.
    Picoseconds wait_for_all_but(std::size_t pending);
    /// Returns the error of the job that was refused since the last call, if any was. To be called when no job is left.
    std::optional<CommandError> take_error();

private:
    struct Order {
        Picoseconds time;
        Job job;
    };
    void write_thread();

    OperandPort& port_;
    std::deque<Order> orders_; // the writer works on the first one
    std::uint64_t submitted_ = 0;
    std::array<Picoseconds, 2> done_{}; // when the two latest jobs were done, indexed by number mod 2
    std::optional<CommandError> error_;
    sc_core::sc_event arrived_, finished_;
};

} // namespace gradus::ip
