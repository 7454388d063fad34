// SPDX-License-Identifier: Apache-2.0
#include "ip/cpu/hart_core.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace gradus::ip {

namespace {

// Lines of SRAM carry flags, so that one look tells a store whether it is an ordinary one.
constexpr Bytes line_bytes = 64;
constexpr std::uint8_t line_has_code = 1, line_has_exit = 2;
constexpr Bytes widest_access = 8;

} // namespace

HartCore::HartCore(const HartParameters& parameters, Clock clock, AddressRange sram, std::uint64_t hart_id,
                   HartBus& bus)
    : clock_(clock), sram_{sram.base, sram.bytes & ~Bytes{1}},
      bus_(bus), costs_{parameters.alu,   parameters.multiply, parameters.divide,       parameters.load,
                        parameters.store, parameters.branch,   parameters.branch_taken, parameters.atomic,
                        parameters.csr,   parameters.alu},
      branch_taken_extra_(parameters.branch_taken - parameters.branch), mret_extra_(parameters.trap - parameters.alu),
      trap_cycles_(parameters.trap), state_(hart_id),
      code_storage_(std::max<Bytes>(1, sram_.bytes / 2) * sizeof(Instruction)),
      code_(reinterpret_cast<Instruction*>(code_storage_.data())), line_flags_(sram_.bytes / line_bytes + 1) {
    cheapest_ = std::min(*std::min_element(costs_.begin(), costs_.end()), parameters.trap);
    if (clock_.period == 0) throw std::invalid_argument("the hart's clock has no period");
    if (cheapest_ == 0) throw std::invalid_argument("an instruction class of the hart takes no cycle");
}

void HartCore::set_fast_memory(std::uint8_t* memory) {
    fast_ = memory;
    fast_bytes_ = memory && sram_.bytes >= widest_access ? sram_.bytes - (widest_access - 1) : 0;
}

void HartCore::set_exit_address(std::uint64_t address) {
    exit_address_ = address;
    if (sram_.contains(address)) line_flags_[(address - sram_.base) / line_bytes] |= line_has_exit;
}

void HartCore::advance_to(Picoseconds time) {
    base_ = time;
    cycles_ = 0;
}

HartCounters HartCore::counters() const {
    const Cycles csr_cycles = costs_[static_cast<unsigned>(InstructionClass::csr)];
    return {clock_.floor_cycles(time()), clock_.floor_cycles(time() + clock_(csr_cycles)), retired_};
}

std::optional<std::uint64_t> HartCore::csr(unsigned number) const {
    std::uint64_t value = 0;
    if (!state_.read(number, counters(), value)) return std::nullopt;
    return value;
}

HartCore::Pause HartCore::run(Picoseconds horizon, std::uint64_t max_instructions) {
    pause_ = Pause::none;
    limit_ = cycles_until(horizon, max_instructions);
    if (state_.interrupted()) take_trap(state_.interrupt_cause(), 0);
    execute();
    return pause_;
}

std::uint64_t HartCore::cycles_until(Picoseconds horizon, std::uint64_t max_instructions) const {
    const Cycles by_time = horizon > base_ ? clock_.ceil_cycles(horizon - base_) : 0;
    const Cycles room = by_time > cycles_ ? by_time - cycles_ : 0;
    // No instruction takes less than cheapest_, so that many cycles hold no more than max_instructions.
    return max_instructions <= room / cheapest_ ? cycles_ + max_instructions * cheapest_ : by_time;
}

void HartCore::pause(Pause reason) {
    pause_ = reason;
    limit_ = 0;
}

void HartCore::take_trap(std::uint64_t cause, std::uint64_t tval, std::string detail) {
    TrapRecord record{cause, pc_, tval, time(), std::move(detail)};
    const bool exception = !(cause & cause_interrupt);
    if (exception) last_exception_ = record;
    // A handler whose very first instruction traps would trap there for ever.
    const bool hopeless = exception && pc_ == state_.exception_handler() && retired_at_trap_ == retired_;
    if (handler_missing() || hopeless) {
        last_exception_ = record;
        return pause(Pause::fault);
    }
    pc_ = state_.enter_trap(cause, pc_, tval);
    cycles_ += trap_cycles_;
    retired_at_trap_ = retired_;
    record.time = time();
    if (on_trap) on_trap(record);
}

bool HartCore::load_slow(std::uint64_t address, void* data, unsigned bytes) {
    const bool in_sram = sram_.contains(address, bytes);
    if (in_sram && fast_) {
        std::memcpy(data, fast_ + (address - sram_.base), bytes);
        return true;
    }
    if (!in_sram && address % bytes) {
        take_trap(cause_load_misaligned, address, "only SRAM takes misaligned accesses");
        return false;
    }
    return access_bus(false, address, data, bytes);
}

bool HartCore::store_slow(std::uint64_t address, const void* data, unsigned bytes) {
    const bool in_sram = sram_.contains(address, bytes);
    if (!in_sram && address % bytes) {
        take_trap(cause_store_misaligned, address, "only SRAM takes misaligned accesses");
        return false;
    }
    if (in_sram && fast_)
        std::memcpy(fast_ + (address - sram_.base), data, bytes);
    else if (!access_bus(true, address, const_cast<void*>(data), bytes))
        return false;
    after_store(address, data, bytes);
    return true;
}

bool HartCore::access_bus(bool write, std::uint64_t address, void* data, unsigned bytes) {
    HartBus::Answer answer = bus_.access({write, address, data, bytes, time()});
    advance_to(answer.end);
    limit_ = 0; // whatever answered may have started something
    if (!answer.ok) take_trap(write ? cause_store_access : cause_load_access, address, std::move(answer.detail));
    return answer.ok;
}

void HartCore::after_store(std::uint64_t address, const void* data, unsigned bytes) {
    if (sram_.contains(address, bytes)) {
        const Bytes offset = address - sram_.base;
        const std::uint8_t flags = line_flags_[offset / line_bytes] | line_flags_[(offset + bytes - 1) / line_bytes];
        if (flags & line_has_code) forget_code(offset, bytes);
    }
    if (exit_address_ != address || bytes < 4) return;
    std::uint64_t value = 0;
    std::memcpy(&value, data, bytes);
    if (!value) return;
    exit_code_ = static_cast<std::int64_t>(value & 1 ? value >> 1 : value);
    pause(Pause::exit);
}

bool HartCore::read_code(std::uint64_t address, void* data, unsigned bytes) {
    if (sram_.contains(address, bytes)) {
        if (!fast_) return bus_.fetch(address, data, bytes);
        std::memcpy(data, fast_ + (address - sram_.base), bytes);
        return true;
    }
    return false;
}

void HartCore::decode_at_pc() {
    std::uint16_t low = 0, high = 0;
    const bool have_low = read_code(pc_, &low, sizeof low);
    if (!have_low || (!is_compressed(low) && !read_code(pc_ + 2, &high, sizeof high)))
        return take_trap(cause_instruction_access, have_low ? pc_ + 2 : pc_, "only SRAM holds code");
    const Instruction instruction = decode(low | static_cast<std::uint32_t>(high) << 16);
    const Bytes offset = pc_ - sram_.base;
    code_[offset / 2] = instruction;
    line_flags_[offset / line_bytes] |= line_has_code;
    line_flags_[(offset + instruction.length - 1) / line_bytes] |= line_has_code;
}

void HartCore::forget_code(Bytes offset, Bytes bytes) {
    // A 4-byte instruction may begin one parcel before the first byte.
    const Bytes first = offset / 2 ? offset / 2 - 1 : 0, last = std::min((offset + bytes - 1) / 2, sram_.bytes / 2 - 1);
    for (Bytes parcel = first; parcel <= last; ++parcel)
        code_[parcel] = Instruction{};
}

void HartCore::invalidate_code(AddressRange range) {
    for (Bytes line = 0; line < line_flags_.size(); ++line) {
        const std::uint64_t begin = sram_.base + line * line_bytes;
        const bool apart = range.bytes == 0 || (begin >= range.base ? begin - range.base >= range.bytes
                                                                    : range.base - begin >= line_bytes + 2);
        if (apart || !(line_flags_[line] & line_has_code)) continue;
        forget_code(line * line_bytes, line_bytes);
    }
}

void HartCore::flush_code() {
    for (Bytes line = 0; line < line_flags_.size(); ++line) {
        if (!(line_flags_[line] & line_has_code)) continue;
        forget_code(line * line_bytes, line_bytes);
        line_flags_[line] &= static_cast<std::uint8_t>(~line_has_code);
    }
}

} // namespace gradus::ip
