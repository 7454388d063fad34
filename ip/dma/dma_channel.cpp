// SPDX-License-Identifier: Apache-2.0
#include "ip/dma/dma_channel.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <sysc/kernel/sc_dynamic_processes.h>
#include <utility>

#include "ip/dma/dma_check.h"

namespace gradus::ip {

DmaChannel::DmaChannel(sc_core::sc_module_name name, unsigned index, const DmaParameters& parameters,
                       const QueueParameters& queue_parameters, Clock clock, FenceBoard& fences, Observer& observer,
                       const DmaMemoryMap& memories, bool tensor_data)
    : sc_module(name), queue("queue", index, queue_parameters, clock, fences, observer, *this), data("data"),
      parameters_(parameters), clock_(clock), memories_(memories), tensor_data_(tensor_data),
      outstanding_(std::max(1u, parameters.outstanding)), path_(parameters, clock) {
    const Bytes buffer = std::max<Bytes>(parameters.burst_bytes, sizeof(std::uint32_t));
    // Slot 0 works for nobody but the command that executes. So that the one behind it has the whole window, too, there
    // is one more.
    const unsigned slots = outstanding_ + (parameters.chaining ? 1 : 0);
    for (unsigned i = 0; i < slots; ++i) {
        Slot& slot = slots_.emplace_back();
        slot.in.resize(buffer);
        slot.out.resize(buffer);
        if (i > 0) sc_core::sc_spawn([this, &slot] { slot_thread(slot); }, ("slot_" + std::to_string(i)).c_str());
    }
}

Execution DmaChannel::execute(const command& command) {
    if (next_began_) {
        std::swap(job_, next_);
        next_began_ = false;
    } else {
        dma_body body;
        std::memcpy(&body, command.body, sizeof body);
        if (const auto error = dma_check(command.header.opcode, body)) return {error, 0, {}};
        job_->begin(command.header.opcode, body, parameters_, now() + clock_(parameters_.setup_cycles));
    }
    executing_ = true;
    Slot& own = slots_.front();
    if (next_job() == job_) give(own, *job_);
    give_to_idle_slots();
    for (work_off(own); !job_->finished(); work_off(own)) {
        executor_idles_ = true;
        wait(own.wake);
    }
    executing_ = executor_idles_ = false;
    return {job_->error, 0, job_->work};
}

void DmaChannel::slot_thread(Slot& slot) {
    for (;;) {
        idle_.push_back(&slot);
        wait(slot.wake);
        work_off(slot);
    }
}

/// Carries out the step that the slot holds, if any, and those it gets afterwards.
void DmaChannel::work_off(Slot& slot) {
    while (slot.job) {
        perform(slot);
        --slot.job->active;
        --active_;
        slot.job = nullptr;
        DmaJob* job = next_job();
        if (job && (job == job_ || !executor(slot))) give(slot, *job);
        give_to_idle_slots();
    }
    if (executor_idles_ && job_->finished()) slots_.front().wake.notify();
}

/// Whose step is next, if there is room for one more under way.
DmaJob* DmaChannel::next_job() {
    if (active_ == outstanding_) return nullptr;
    if (job_->has_step()) return job_;
    if (!parameters_.chaining || job_->error || !job_->set_up || !job_->given_out()) return nullptr;
    if (!next_began_ && !begin_next()) return nullptr;
    return next_->has_step() ? next_ : nullptr;
}

bool DmaChannel::begin_next() {
    const command* upcoming = executing_ ? queue.upcoming() : nullptr;
    if (!upcoming) return false;
    dma_body body;
    std::memcpy(&body, upcoming->body, sizeof body);
    if (dma_check(upcoming->header.opcode, body)) return false; // is reported when its turn comes
    if (DmaFootprint(upcoming->header.opcode, body).depends_on(job_->footprint)) return false;
    next_->begin(upcoming->header.opcode, body, parameters_, now() + clock_(parameters_.setup_cycles));
    return next_began_ = true;
}

void DmaChannel::give(Slot& slot, DmaJob& job) {
    slot.job = &job;
    slot.step = job.plan->next();
    ++job.active;
    ++active_;
    if (job.set_up) slot.turn = path_.issue(now(), slot.step.new_row);
}

void DmaChannel::give_to_idle_slots() {
    while (DmaJob* job = next_job()) {
        Slot* slot = idle_slot_for(*job);
        if (!slot) return;
        give(*slot, *job);
        const Picoseconds begin = slot->turn.value_or(job->ready);
        begin > now() ? slot->wake.notify(to_time(begin - now())) : slot->wake.notify();
    }
}

DmaChannel::Slot* DmaChannel::idle_slot_for(const DmaJob& job) {
    if (!idle_.empty()) {
        Slot* slot = idle_.back();
        idle_.pop_back();
        return slot;
    }
    if (!executor_idles_ || &job != job_) return nullptr;
    executor_idles_ = false;
    return &slots_.front();
}

} // namespace gradus::ip
