// SPDX-License-Identifier: Apache-2.0
#include "ip/cpu/hart.h"

#include <algorithm>

namespace gradus::ip {

namespace {

constexpr Picoseconds longest_quantum = 1'000'000'000'000;
constexpr Picoseconds unknown_end = ~Picoseconds{0}; // of a stall that is still going on

HartOptions legal(HartOptions options) {
    options.quantum = std::clamp<Picoseconds>(options.quantum, 1, longest_quantum);
    options.hang_instructions = std::max<std::uint64_t>(1, options.hang_instructions);
    return options;
}

} // namespace

Hart::Hart(sc_core::sc_module_name name, const HartParameters& parameters, Clock clock, const HartOptions& options,
           UnitId unit, Observer& observer)
    : sc_module(name), bus("bus"), software_interrupt("software_interrupt"), timer_interrupt("timer_interrupt"),
      external_interrupt("external_interrupt"), clock_(clock), options_(legal(options)),
      core_(parameters, clock, options.sram, options.hart_id, *this), spans_(unit, observer) {
    bus.register_invalidate_direct_mem_ptr(this, &Hart::invalidate_direct_memory);
    SC_HAS_PROCESS(Hart);
    SC_THREAD(run_thread);
}

void Hart::run_thread() {
    acquire_direct_memory();
    for (;;) {
        if (core_.time() >= horizon()) synchronise(core_.time());
        if (stopped_) park();
        account(core_.time());
        sample_lines();
        const std::uint64_t without_progress = core_.retired() - progress_mark_;
        if (without_progress >= options_.hang_instructions) return fail(hang_fault());
        switch (core_.run(horizon(), options_.hang_instructions - without_progress)) {
        case HartCore::Pause::none:
            break;
        case HartCore::Pause::wait_for_interrupt:
            sleep();
            break;
        case HartCore::Pause::exit:
            return exit();
        case HartCore::Pause::fault:
            return fail(trap_fault());
        }
    }
}

Picoseconds Hart::horizon() const {
    const sc_core::sc_time pending = sc_core::sc_time_to_pending_activity(sc_core::sc_get_curr_simcontext());
    return now() + std::min(options_.quantum, to_picoseconds(pending));
}

void Hart::synchronise(Picoseconds time) {
    if (time > now()) sc_core::wait(to_time(time - now()));
    // Last at each instant: whatever else happens now happens first.
    while (sc_core::sc_pending_activity_at_current_time(sc_core::sc_get_curr_simcontext()))
        sc_core::wait(sc_core::SC_ZERO_TIME);
}

void Hart::sample_lines() {
    core_.set_line(InterruptLine::software, software_interrupt.read());
    core_.set_line(InterruptLine::timer, timer_interrupt.read());
    core_.set_line(InterruptLine::external, external_interrupt.read());
}

void Hart::sleep() {
    synchronise(core_.time());
    account(core_.time());
    sample_lines();
    if (core_.wakes()) return;
    spans_.flush();
    sleeping_ = true;
    while (!core_.wakes()) {
        sc_core::wait(software_interrupt.value_changed_event() | timer_interrupt.value_changed_event() |
                      external_interrupt.value_changed_event());
        synchronise(now());
        sample_lines();
    }
    sleeping_ = false;
    core_.advance_to(now());
    accounted_ = now();
}

HartBus::Answer Hart::access(const Request& request) {
    synchronise(request.begin);
    account(request.begin);
    auto& payload = request.write ? access_.write(request.address, request.data, request.bytes)
                                  : access_.read(request.address, request.data, request.bytes);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    stall_begin_ = request.begin;
    stall_end_ = unknown_end;
    bus->b_transport(payload, delay);
    if (stopped_) park();
    Answer answer;
    answer.end = stall_end_ = now() + to_picoseconds(delay);
    answer.ok = access_.ok();
    if (!answer.ok) answer.detail = refusal(request, payload.get_response_status());
    if (payload.is_dmi_allowed() && options_.sram.contains(request.address)) acquire_direct_memory();
    return answer;
}

bool Hart::fetch(std::uint64_t address, void* data, unsigned bytes) {
    return bus->transport_dbg(fetch_access_.read(address, data, bytes)) == bytes;
}

std::string Hart::refusal(const Request& request, tlm::tlm_response_status status) const {
    const std::string place = namer_ ? namer_(request.address) : std::string();
    if (status == tlm::TLM_ADDRESS_ERROR_RESPONSE && place.empty()) return "nothing answers there";
    const std::string who = place.empty() ? "what is there" : place;
    switch (status) {
    case tlm::TLM_ADDRESS_ERROR_RESPONSE:
        return who + " has no such register";
    case tlm::TLM_COMMAND_ERROR_RESPONSE:
        return who + (request.write ? " cannot be written" : " cannot be read");
    case tlm::TLM_BURST_ERROR_RESPONSE:
        return who + " does not take an access of " + std::to_string(request.bytes) + " bytes at this address";
    case tlm::TLM_GENERIC_ERROR_RESPONSE:
        return who + " does not take this value";
    default:
        return who + " reports an error";
    }
}

void Hart::acquire_direct_memory() {
    if (!options_.dmi) return;
    tlm::tlm_dmi dmi;
    const AddressRange& sram = options_.sram;
    if (!bus->get_direct_mem_ptr(access_.write(sram.base, nullptr, 1), dmi)) return;
    const bool whole = dmi.get_start_address() <= sram.base && dmi.get_end_address() >= sram.base + (sram.bytes - 1);
    const bool free =
        dmi.get_read_latency() == sc_core::SC_ZERO_TIME && dmi.get_write_latency() == sc_core::SC_ZERO_TIME;
    if (whole && free && dmi.is_read_write_allowed())
        core_.set_fast_memory(dmi.get_dmi_ptr() + (sram.base - dmi.get_start_address()));
}

void Hart::invalidate_direct_memory(sc_dt::uint64 first, sc_dt::uint64 last) {
    const AddressRange& sram = options_.sram;
    if (last >= sram.base && first <= sram.base + (sram.bytes - 1)) core_.set_fast_memory(nullptr);
}

void Hart::account(Picoseconds until) {
    const auto add = [&](Picoseconds end, Activity activity) {
        end = std::min(end, until);
        if (end <= accounted_) return;
        spans_.add(accounted_, end, activity);
        accounted_ = end;
    };
    add(stall_begin_, Activity::busy);
    add(stall_end_, Activity::stall_bus);
    add(until, Activity::busy);
}

void Hart::set_tag(const Tag& tag) {
    flush_spans();
    spans_.set_tag(tag);
}

void Hart::flush_spans() {
    if (!sleeping_) account(stall_end_ == unknown_end ? now() : std::min(core_.time(), now()));
    spans_.flush();
}

void Hart::stop() {
    stopped_ = true;
    flush_spans();
}

HartState Hart::state() const {
    HartState state;
    state.pc = core_.pc();
    state.waiting_for_interrupt = sleeping_;
    state.instructions = core_.retired();
    for (unsigned i = 0; i < instruction_class_count; ++i)
        state.instructions_by_class[i] = core_.retired(static_cast<InstructionClass>(i));
    state.cycles = clock_.floor_cycles(core_.time());
    return state;
}

std::string Hart::last_exception() const {
    return core_.last_exception() ? describe(*core_.last_exception(), symbols_) : std::string();
}

HartFault Hart::trap_fault() const {
    const TrapRecord& trap = *core_.last_exception();
    const bool missing = core_.handler_missing();
    return {missing ? HartFault::Kind::unhandled_trap : HartFault::Kind::double_fault, trap.cause, trap.pc, trap.tval,
            describe(trap, symbols_) +
                (missing ? "; no trap handler is installed (mtvec is 0)"
                         : "; this is the trap handler's first instruction, so it would trap for ever")};
}

HartFault Hart::hang_fault() const {
    std::string text = "no progress for " + std::to_string(options_.hang_instructions) +
                       " instructions; the hart is at pc " + describe_place(core_.pc(), symbols_);
    if (core_.last_exception()) text += "; the last exception was: " + last_exception();
    return {HartFault::Kind::hang, 0, core_.pc(), 0, std::move(text)};
}

void Hart::fail(const HartFault& fault) {
    settle_accounts();
    if (on_fault) on_fault(fault);
    sc_core::sc_stop();
}

void Hart::exit() {
    settle_accounts();
    if (on_exit) on_exit(core_.exit_code());
    sc_core::sc_stop();
}

void Hart::settle_accounts() {
    synchronise(core_.time());
    flush_spans();
}

void Hart::park() {
    for (;;)
        sc_core::wait();
}

} // namespace gradus::ip
