// SPDX-License-Identifier: Apache-2.0
#include "ip/engine/result_writer.h"

#include <utility>

namespace gradus::ip {

ResultWriter::ResultWriter(sc_core::sc_module_name name, OperandPort& port) : sc_module(name), port_(port) {
    SC_HAS_PROCESS(ResultWriter);
    SC_THREAD(write_thread);
}

void ResultWriter::submit(Picoseconds time, Job job) {
    orders_.push_back({time, std::move(job)});
    ++submitted_;
    arrived_.notify(sc_core::SC_ZERO_TIME);
}

Picoseconds ResultWriter::wait_for_all_but(std::size_t pending) {
    while (orders_.size() > pending)
        wait(finished_);
    return submitted_ > pending ? done_[(submitted_ - pending - 1) % done_.size()] : 0;
}

std::optional<CommandError> ResultWriter::take_error() { return std::exchange(error_, std::nullopt); }

void ResultWriter::write_thread() {
    for (;;) {
        while (orders_.empty())
            wait(arrived_);
        const std::uint64_t number = submitted_ - orders_.size();
        port_.resume_writes(orders_.front().time);
        port_.defer_writes(true);
        if (!error_) error_ = orders_.front().job();
        port_.defer_writes(false);
        done_[number % done_.size()] = port_.writes_done();
        orders_.pop_front();
        finished_.notify(sc_core::SC_ZERO_TIME);
    }
}

} // namespace gradus::ip
