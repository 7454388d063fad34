// SPDX-License-Identifier: Apache-2.0
#include "ip/engine/operand_port.h"

#include <algorithm>

namespace gradus::ip {

void wait_until(Picoseconds time) {
    const Picoseconds present = now();
    if (time > present) sc_core::wait(to_time(time - present));
}

OperandPort::OperandPort(tlm::tlm_initiator_socket<>& socket, Clock clock, Bytes port_bytes, bool tensor_data)
    : socket_(socket), clock_(clock), port_bytes_(port_bytes), tensor_data_(tensor_data) {}

void OperandPort::start(Picoseconds start) { free_ = done_ = start; }

template <class Transfer>
bool OperandPort::for_each_transaction(const OperandRows& rows, Transfer transfer) {
    const bool gapless = rows.pitch == rows.row_bytes;
    const std::uint64_t count = gapless && rows ? 1 : rows.count;
    const Bytes length = gapless ? rows.bytes() : rows.row_bytes;
    Bytes position = 0; // in the unit's copy
    for (std::uint64_t row = 0; row < count; ++row) {
        for (Bytes offset = 0; offset < length; offset += transaction_bytes) {
            const Bytes bytes = std::min(transaction_bytes, length - offset);
            if (!transfer(rows.address + row * rows.pitch + offset, position, bytes)) return false;
            position += bytes;
        }
    }
    return true;
}

bool OperandPort::read(const OperandRows& rows, OperandBuffer& into) {
    return for_each_transaction(rows, [&](std::uint64_t address, Bytes position, Bytes bytes) {
        std::uint8_t* data = tensor_data_ ? into.reserve(position + bytes) + position : nullptr;
        bytes_read_ += bytes;
        return transact(access_.read(address, data, bytes), bytes);
    });
}

bool OperandPort::read_again(const OperandRows& rows, std::uint64_t passes) {
    // Rows that overlap span fewer bytes than they hold, so only they must be passed over one by one.
    const OperandRows pass = rows_overlap(rows) ? rows : OperandRows{rows.address, 1, rows.bytes(), rows.bytes()};
    for (std::uint64_t i = 0; i < passes; ++i) {
        const bool good = for_each_transaction(pass, [&](std::uint64_t address, Bytes, Bytes bytes) {
            bytes_read_ += bytes;
            return transact(access_.read(address, nullptr, bytes), bytes);
        });
        if (!good) return false;
    }
    return true;
}

bool OperandPort::write(const OperandRows& rows, const std::uint8_t* from) {
    return for_each_transaction(rows, [&](std::uint64_t address, Bytes position, Bytes bytes) {
        bytes_written_ += bytes;
        return transact(access_.write(address, tensor_data_ ? from + position : nullptr, bytes), bytes);
    });
}

bool OperandPort::transact(tlm::tlm_generic_payload& payload, Bytes bytes) {
    keep_near_global_time();
    const Picoseconds issue = std::max(free_, now());
    sc_core::sc_time delay = to_time(issue - now());
    socket_->b_transport(payload, delay);
    free_ = issue + clock_(ceil_div(bytes, port_bytes_));
    done_ = std::max({done_, free_, now() + to_picoseconds(delay)});
    return access_.ok();
}

void OperandPort::keep_near_global_time() {
    const Picoseconds lead = clock_(lead_cycles);
    // Down to half the lead, so that a long stream waits once for many transactions.
    if (done_ > now() + lead) wait_until(done_ - lead / 2);
}

} // namespace gradus::ip
