// SPDX-License-Identifier: Apache-2.0
// What every device with registers does with a transaction before looking at the register: takes its time, and turns
// away what no register can do. The device's handler sees one naturally aligned access of 1, 2, 4 or 8 bytes and
// answers with a response status:
//   TLM_OK_RESPONSE              done
//   TLM_ADDRESS_ERROR_RESPONSE   no such register
//   TLM_BURST_ERROR_RESPONSE     the register is not that wide
//   TLM_COMMAND_ERROR_RESPONSE   read-only, or write-only
//   TLM_GENERIC_ERROR_RESPONSE   the register does not take that value
#pragma once

#include <cstdint>
#include <cstring>
#include <tlm>

#include "ip/common/transport.h"
#include "ip/common/units.h"

namespace gradus::ip {

struct RegisterAccess {
    std::uint64_t offset = 0;
    unsigned bytes = 0;
    bool write = false;
    std::uint64_t value = 0; ///< to write; or what was read
    Picoseconds time = 0;    ///< when the access takes place
};

/// `handler(RegisterAccess&)` returns a tlm::tlm_response_status. Adds one cycle of `clock` to the delay.
template <class Handler>
void serve_registers(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay, Clock clock, Handler&& handler) {
    const unsigned bytes = payload.get_data_length();
    RegisterAccess access{payload.get_address(), bytes, payload.is_write(), 0, now() + to_picoseconds(delay)};
    delay += to_time(clock(1));
    const bool width_good = bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
    if (payload.get_byte_enable_ptr()) return payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    if (!width_good || access.offset % bytes || payload.get_streaming_width() < bytes)
        return payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    if (payload.get_command() == tlm::TLM_IGNORE_COMMAND) return payload.set_response_status(tlm::TLM_OK_RESPONSE);
    if (access.write) std::memcpy(&access.value, payload.get_data_ptr(), bytes);
    const tlm::tlm_response_status status = handler(access);
    if (!access.write && status == tlm::TLM_OK_RESPONSE) std::memcpy(payload.get_data_ptr(), &access.value, bytes);
    payload.set_response_status(status);
}

/// A 64-bit register that takes whole accesses or one of its 32-bit halves. Gives false for any other width.
inline bool read_wide(RegisterAccess& access, std::uint64_t wide) {
    if (access.bytes < 4) return false;
    access.value = wide >> (access.offset % 8 * 8);
    return true;
}
inline bool write_wide(const RegisterAccess& access, std::uint64_t& wide) {
    if (access.bytes < 4) return false;
    const unsigned shift = access.offset % 8 * 8;
    const std::uint64_t mask = access.bytes == 8 ? ~std::uint64_t{0} : std::uint64_t{0xffffffff} << shift;
    wide = (wide & ~mask) | (access.value << shift & mask);
    return true;
}

} // namespace gradus::ip
