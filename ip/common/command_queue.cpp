// SPDX-License-Identifier: Apache-2.0
#include "ip/common/command_queue.h"

#include <algorithm>
#include <cstring>

#include "ip/common/command_check.h"

namespace gradus::ip {

namespace {

/// A number that check_header() is about to refuse is nobody's.
Tag tag_of(const command_header& header, std::uint32_t first_step) {
    return {first_step + header.step, header.op < COMMAND_MAX_OPS ? header.op : COMMAND_NO_OP, header.layer,
            header.phase};
}

Bytes width_of(std::uint64_t offset) { return offset == QUEUE_RING_BASE ? 8 : 4; }

tlm::tlm_response_status answer(bool taken) { return taken ? tlm::TLM_OK_RESPONSE : tlm::TLM_GENERIC_ERROR_RESPONSE; }

} // namespace

CommandQueue::CommandQueue(sc_core::sc_module_name name, unsigned index, const QueueParameters& parameters, Clock clock,
                           FenceBoard& fences, Observer& observer, CommandExecutor& executor)
    : sc_module(name), registers("registers"), fetch("fetch"), interrupt("interrupt"), index_(index),
      parameters_(parameters), clock_(clock), fences_(fences), observer_(observer), executor_(executor) {
    registers.register_b_transport(this, &CommandQueue::transport);
    registers.register_transport_dbg(this, &CommandQueue::transport_debug);
    fences_.set_clock(index, clock);
    SC_HAS_PROCESS(CommandQueue);
    SC_THREAD(fetch_thread);
    SC_THREAD(execute_thread);
    SC_METHOD(interrupt_thread);
    sensitive << interrupt_changed_;
}

QueueState CommandQueue::state() const {
    QueueState state = state_;
    state.submitted = ring_.submitted();
    state.retired = fences_.retired(index_);
    state.before = fences_.before(index_);
    if (state.status != QUEUE_STATUS_HALTED)
        state.status = state.submitted == state.retired ? QUEUE_STATUS_IDLE : QUEUE_STATUS_RUNNING;
    return state;
}

const command* CommandQueue::upcoming() const {
    if (fetched_.size() < 2 || !fetched_[1].good) return nullptr;
    const command& next = fetched_[1].descriptor;
    if (next.header.opcode == COMMAND_FENCE || check_header(next.header)) return nullptr;
    for (const command_wait& wait : next.header.waits) {
        if (!wait.queue_plus_one) continue;
        if (wait.queue_plus_one > fences_.queues() || !fences_.held(index_, wait)) return nullptr;
    }
    return &next;
}

void CommandQueue::transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    serve_registers(payload, delay, clock_, [this](RegisterAccess& a) { return access(a); });
}

tlm::tlm_response_status CommandQueue::access(RegisterAccess& access) {
    std::uint64_t value = 0;
    if (!read_register(access.offset, value)) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    if (access.bytes != width_of(access.offset)) return tlm::TLM_BURST_ERROR_RESPONSE;
    if (access.write) return write_register(access.offset, access.value);
    access.value = value;
    return tlm::TLM_OK_RESPONSE;
}

// Reads one register without side effects; a debugger does not ring doorbells.
unsigned CommandQueue::transport_debug(tlm::tlm_generic_payload& payload) {
    std::uint64_t value = 0;
    const Bytes bytes = width_of(payload.get_address());
    if (!payload.is_read() || payload.get_data_length() < bytes || !read_register(payload.get_address(), value))
        return 0;
    std::memcpy(payload.get_data_ptr(), &value, bytes);
    return static_cast<unsigned>(bytes);
}

bool CommandQueue::read_register(std::uint64_t offset, std::uint64_t& value) const {
    const QueueState state = this->state();
    switch (offset) {
    case QUEUE_RING_BASE:
        value = ring_.base();
        return true;
    case QUEUE_RING_ENTRIES:
        value = ring_.entries();
        return true;
    case QUEUE_DOORBELL:
        value = state.submitted;
        return true;
    case QUEUE_RETIRED:
        value = state.retired;
        return true;
    case QUEUE_STATUS:
        value = state.status;
        return true;
    case QUEUE_ERROR:
        value = state.error;
        return true;
    case QUEUE_ERROR_INDEX:
        value = state.error_index;
        return true;
    case QUEUE_ERROR_FIELD:
        value = state.error_field;
        return true;
    case QUEUE_INTERRUPT:
        value = interrupt_pending_;
        return true;
    case QUEUE_REWIND:
        value = first_step_;
        return true;
    default:
        return false;
    }
}

tlm::tlm_response_status CommandQueue::write_register(std::uint64_t offset, std::uint64_t value) {
    switch (offset) {
    case QUEUE_RING_BASE:
        return answer(ring_.set_base(value, fences_.retired(index_)));
    case QUEUE_RING_ENTRIES:
        return answer(ring_.set_entries(value, fences_.retired(index_)));
    case QUEUE_DOORBELL:
        if (!ring_.submit(static_cast<std::uint32_t>(value), fences_.retired(index_))) return answer(false);
        observer_.submitted(index_, in_all(ring_.submitted()), now());
        doorbell_.notify();
        return tlm::TLM_OK_RESPONSE;
    case QUEUE_INTERRUPT:
        if (value & 1) {
            interrupt_pending_ = false;
            interrupt_changed_.notify(sc_core::SC_ZERO_TIME);
        }
        return tlm::TLM_OK_RESPONSE;
    case QUEUE_REWIND:
        return answer(rewind(static_cast<std::uint32_t>(value)));
    default:
        return tlm::TLM_COMMAND_ERROR_RESPONSE;
    }
}

bool CommandQueue::rewind(std::uint32_t step) {
    if (!ring_.rewind(fences_.retired(index_))) return false;
    fences_.rewind(index_);
    fetched_count_ = 0;
    first_step_ = step;
    return true;
}

void CommandQueue::fetch_thread() {
    while (state_.status != QUEUE_STATUS_HALTED) {
        if (fetched_count_ == ring_.submitted()) {
            wait(doorbell_);
            continue;
        }
        if (fetched_.size() > parameters_.prefetch) {
            wait(consumed_);
            continue;
        }
        Fetched fetched{};
        const std::uint64_t address = ring_.address(fetched_count_);
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        fetch->b_transport(fetch_access_.read(address, &fetched.descriptor, COMMAND_BYTES), delay);
        fetched.good = fetch_access_.ok();
        wait(delay + to_time(clock_(parameters_.issue_cycles)));
        ++fetched_count_;
        fetched_.push_back(fetched);
        arrived_.notify();
        if (fetched_.size() > 1) executor_.descriptor_arrived();
    }
}

const CommandQueue::Fetched& CommandQueue::next_command() {
    if (fetched_.empty()) {
        while (fences_.retired(index_) == ring_.submitted())
            wait(doorbell_);
        const Picoseconds begin = now();
        while (fetched_.empty())
            wait(arrived_);
        const Fetched& fetched = fetched_.front();
        report(begin, now(), Activity::stall_fetch, 0, 0,
               fetched.good ? tag_of(fetched.descriptor.header, first_step_) : Tag{});
    }
    return fetched_.front();
}

bool CommandQueue::wait_for_fences(const command_header& header, const Tag& tag, CommandTimes& times) {
    for (unsigned i = 0; i < COMMAND_WAITS; ++i) {
        const command_wait& wait = header.waits[i];
        if (!wait.queue_plus_one) continue;
        if (const auto error = check_wait(header, i, fences_.queues())) {
            halt(*error);
            return false;
        }
        const Picoseconds begin = now();
        fences_.await(index_, wait);
        if (now() > begin)
            times.released_by = {wait.queue_plus_one, fences_.before(wait.queue_plus_one - 1) + wait.count};
        report(begin, now(), Activity::stall_fence, header.opcode, static_cast<std::uint16_t>(wait.queue_plus_one - 1),
               tag);
    }
    return true;
}

void CommandQueue::execute_thread() {
    for (;;) {
        const Fetched& fetched = next_command();
        if (!fetched.good) return halt({QUEUE_ERROR_FETCH, 0});
        const command_header& header = fetched.descriptor.header;
        const Tag tag = tag_of(header, first_step_);
        if (const auto error = check_header(header)) return halt(*error);
        CommandTimes times;
        times.index = in_all(fences_.retired(index_));
        times.interrupts = header.flags & COMMAND_FLAG_INTERRUPT;
        times.ready = now();
        if (!wait_for_fences(header, tag, times)) return;

        const Picoseconds begin = times.begin = now();
        if (header.opcode != COMMAND_FENCE) {
            const Execution execution = executor_.execute(fetched.descriptor);
            if (execution.error) return halt(*execution.error);
            observer_.executed(index_, times.index, tag, fetched.descriptor);
            observer_.retired(index_, header.opcode, tag, execution.work);
            const Picoseconds progress = now() - std::min(execution.memory_stall, now() - begin);
            report(begin, progress, Activity::busy, header.opcode, 0, tag);
            report(progress, now(), Activity::stall_memory, header.opcode, 0, tag);
            state_.work += execution.work.amount();
            times.memory_stall = now() - progress;
        }
        times.end = now();
        observer_.ended(index_, tag, times);
        if (times.interrupts) {
            interrupt_pending_ = true;
            interrupt_changed_.notify(sc_core::SC_ZERO_TIME);
        }
        fetched_.pop_front();
        fences_.retire(index_);
        consumed_.notify();
    }
}

void CommandQueue::interrupt_thread() { interrupt.write(interrupt_pending_); }

void CommandQueue::halt(const CommandError& error) {
    state_.status = QUEUE_STATUS_HALTED;
    state_.error = error.code;
    state_.error_index = fences_.retired(index_);
    state_.error_field = error.field;
    observer_.halted(index_, state_.error, in_all(state_.error_index), state_.error_field);
    interrupt_pending_ = true;
    interrupt_changed_.notify(sc_core::SC_ZERO_TIME);
}

void CommandQueue::report(Picoseconds begin, Picoseconds end, Activity activity, std::uint8_t opcode,
                          std::uint16_t detail, const Tag& tag) {
    if (begin == end) return;
    (activity == Activity::busy ? state_.busy : state_.stalled) += end - begin;
    observer_.span(index_, {begin, end, activity, opcode, detail, tag});
}

} // namespace gradus::ip
