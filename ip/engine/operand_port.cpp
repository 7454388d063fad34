// SPDX-License-Identifier: Apache-2.0
#include "ip/engine/operand_port.h"

namespace gradus::ip {

OperandPort::OperandPort(tlm::tlm_initiator_socket<>& socket, Clock clock, Bytes port_bytes, bool tensor_data)
    : socket_(socket), clock_(clock), port_bytes_(port_bytes), tensor_data_(tensor_data) {}

void OperandPort::start(Picoseconds start) {
    for (Direction* direction : {&read_, &write_}) {
        direction->free = direction->done = start;
        direction->bytes = 0;
        direction->cycles = 0;
    }
}

template <class Transfer>
bool OperandPort::for_each_transaction(const OperandSlice& slice, Transfer transfer) {
    const OperandRows& rows = slice.rows;
    const bool gapless = rows.pitch == rows.row_bytes && slice.pitch == rows.row_bytes;
    const std::uint64_t count = gapless && rows ? 1 : rows.count;
    const Bytes length = gapless ? rows.bytes() : rows.row_bytes;
    for (std::uint64_t row = 0; row < count; ++row) {
        for (Bytes offset = 0; offset < length; offset += transaction_bytes) {
            const Bytes bytes = std::min(transaction_bytes, length - offset);
            const Bytes position = slice.position + row * slice.pitch + offset;
            if (!transfer(rows.address + row * rows.pitch + offset, position, bytes)) return false;
        }
    }
    return true;
}

template <class Transfer>
bool OperandPort::pass_over(const OperandRows& rows, std::uint64_t passes, Transfer transfer) {
    // Rows that overlap span fewer bytes than they hold, so only they must be passed over one by one.
    const OperandRows pass = rows_overlap(rows) ? rows : OperandRows{rows.address, 1, rows.bytes(), rows.bytes()};
    for (std::uint64_t i = 0; i < passes; ++i)
        if (!for_each_transaction(OperandSlice::whole(pass), transfer)) return false;
    return true;
}

bool OperandPort::read(const OperandSlice& slice, OperandBuffer& into, Cycles beat) {
    return for_each_transaction(slice, [&](std::uint64_t address, Bytes position, Bytes bytes) {
        std::uint8_t* data = tensor_data_ ? into.reserve(position + bytes) + position : nullptr;
        return transact(read_, read_.access.read(address, data, bytes), bytes, beat);
    });
}

bool OperandPort::read_again(const OperandRows& rows, std::uint64_t passes, Cycles beat) {
    return pass_over(rows, passes, [&](std::uint64_t address, Bytes, Bytes bytes) {
        return transact(read_, read_.access.read(address, nullptr, bytes), bytes, beat);
    });
}

bool OperandPort::write(const OperandRows& rows, const std::uint8_t* from) {
    return for_each_transaction(OperandSlice::whole(rows), [&](std::uint64_t address, Bytes position, Bytes bytes) {
        const std::uint8_t* data = tensor_data_ ? from + position : nullptr;
        return transact(write_, write_.access.write(address, data, bytes), bytes, 1);
    });
}

bool OperandPort::write_pass(const OperandRows& rows) {
    return pass_over(rows, 1, [&](std::uint64_t address, Bytes, Bytes bytes) {
        return transact(write_, write_.access.write(address, nullptr, bytes), bytes, 1);
    });
}

bool OperandPort::transact(Direction& direction, tlm::tlm_generic_payload& payload, Bytes bytes, Cycles beat) {
    take_turn(direction);
    const Picoseconds issue = std::max(direction.free, now());
    sc_core::sc_time delay = to_time(issue - now());
    socket_->b_transport(payload, delay);
    const Cycles cycles = ceil_div(bytes, port_bytes_) * beat;
    direction.bytes += bytes;
    direction.cycles += cycles;
    direction.free = issue + clock_(cycles);
    direction.done = std::max({direction.done, direction.free, now() + to_picoseconds(delay)});
    return direction.access.ok();
}

void OperandPort::take_turn(Direction& direction) {
    keep_near_global_time(direction);
    if (!direction.deferred || direction.deferred_at == now()) return;
    sc_core::wait(sc_core::SC_ZERO_TIME);
    direction.deferred_at = now();
}

void OperandPort::keep_near_global_time(const Direction& direction) {
    const Picoseconds lead = clock_(lead_cycles);
    const Picoseconds time = std::max(direction.done, direction.free);
    // Down to half the lead, so that a long stream waits once for many transactions.
    if (time > now() + lead) wait_until(time - lead / 2);
}

} // namespace gradus::ip
