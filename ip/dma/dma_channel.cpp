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
        if (i == 0) continue;
        idle_.push_back(&slot);
        sc_core::sc_spawn([this, &slot] { slot_thread(slot); }, ("slot_" + std::to_string(i)).c_str());
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
    while (!job_->finished()) {
        if (!own.job) wait(own.wake);
        work_off(own);
    }
    executing_ = false;
    return {job_->error, 0, job_->work};
}

void DmaChannel::descriptor_arrived() {
    if (parameters_.chaining && executing_) give_to_idle_slots();
}

void DmaChannel::slot_thread(Slot& slot) {
    for (;;) {
        while (!slot.job)
            wait(slot.wake);
        work_off(slot);
    }
}

/// Carries out the step that the slot holds, if any, and those it gets afterwards.
void DmaChannel::work_off(Slot& slot) {
    while (slot.job) {
        if (slot.due == never) {
            wait_until(slot.turn);
            transact(slot);
        }
        wait_until(slot.due);
        settle();
    }
}

/// Deals with all that has ended by now, in the order of the steps.
void DmaChannel::settle() {
    const Picoseconds present = now();
    for (std::size_t i = 0; i < under_way_.size();) {
        Slot& slot = *under_way_[i];
        if (slot.due > present) {
            ++i;
            continue;
        }
        advance(slot);
        if (i < under_way_.size() && under_way_[i] == &slot) ++i; // or the step is over, and the next has moved up
    }
    if (parameters_.chaining) give_to_idle_slots();
    if (executing_ && job_->finished()) slots_.front().wake.notify();
}

void DmaChannel::advance(Slot& slot) {
    DmaJob& job = *slot.job;
    slot.due = never;
    if (!job.set_up) {
        job.set_up = true;
        slot.turn = path_.issue(now(), slot.step.new_row);
        return give_to_idle_slots();
    }
    if (slot.failure) job.fail(slot.failure->code, slot.failure->field);
    if (++slot.stage == stages(slot.step.kind) || job.error || job_->error) return end_step(slot);
    slot.turn = path_.issue(now(), false);
}

void DmaChannel::end_step(Slot& slot) {
    --slot.job->active;
    slot.job = nullptr;
    under_way_.erase(std::find(under_way_.begin(), under_way_.end(), &slot));
    DmaJob* job = next_job();
    if (job && (job == job_ || !executor(slot)))
        give(slot, *job);
    else if (!executor(slot))
        idle_.push_back(&slot);
    give_to_idle_slots();
}

/// Whose step is next, if there is room for one more under way.
DmaJob* DmaChannel::next_job() {
    const bool chains = parameters_.chaining && !job_->error && job_->set_up && job_->given_out();
    if (chains && !next_began_) begin_next();
    if (under_way_.size() == outstanding_) return nullptr;
    if (job_->has_step()) return job_;
    return chains && next_began_ && next_->has_step() ? next_ : nullptr;
}

/// The command behind the one that executes, if there is nothing against it.
void DmaChannel::begin_next() {
    const command* upcoming = executing_ ? queue.upcoming() : nullptr;
    if (!upcoming) return;
    dma_body body;
    std::memcpy(&body, upcoming->body, sizeof body);
    if (dma_check(upcoming->header.opcode, body)) return; // is reported when its turn comes
    if (DmaFootprint(upcoming->header.opcode, body).depends_on(job_->footprint)) return;
    next_->begin(upcoming->header.opcode, body, parameters_, now() + clock_(parameters_.setup_cycles));
    next_began_ = true;
}

void DmaChannel::give(Slot& slot, DmaJob& job) {
    slot.job = &job;
    slot.step = job.plan->next();
    slot.stage = 0;
    slot.failure.reset();
    ++job.active;
    under_way_.push_back(&slot);
    if (job.set_up)
        slot.turn = path_.issue(now(), slot.step.new_row);
    else
        slot.due = job.ready;
}

void DmaChannel::give_to_idle_slots() {
    while (DmaJob* job = next_job()) {
        Slot* slot = idle_slot_for(*job);
        if (!slot) return;
        give(*slot, *job);
        const Picoseconds begin = slot->due == never ? slot->turn : slot->due;
        begin > now() ? slot->wake.notify(to_time(begin - now())) : slot->wake.notify();
    }
}

DmaChannel::Slot* DmaChannel::idle_slot_for(const DmaJob& job) {
    if (!idle_.empty()) {
        Slot* slot = idle_.back();
        idle_.pop_back();
        return slot;
    }
    Slot& own = slots_.front();
    return executing_ && &job == job_ && !own.job ? &own : nullptr;
}

} // namespace gradus::ip
