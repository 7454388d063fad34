// SPDX-License-Identifier: Apache-2.0
// Both ends of a TLM-2.0 memory access.
//
// A transaction that moves no data (timing only) is an ordinary read or write with every byte enable off: the
// standard's own way to say "this access takes place, but no byte is transferred" (IEEE 1666-2011, 14.12). Any
// interconnect passes it on.
#pragma once

#include <cstdint>
#include <systemc>
#include <tlm>

#include "ip/common/storage.h"
#include "ip/common/units.h"

namespace gradus::ip {

inline sc_core::sc_time to_time(Picoseconds picoseconds) { return sc_core::sc_time::from_value(picoseconds); }
inline Picoseconds to_picoseconds(const sc_core::sc_time& time) { return time.value(); }
inline Picoseconds now() {
    // There is one kernel in a process, so its clock stays where it is: asked for millions of times a second.
    static const sc_core::sc_time& time = sc_core::sc_time_stamp();
    return time.value();
}

/// Blocks the calling SystemC thread until `time`, if that is still to come.
inline void wait_until(Picoseconds time) {
    if (const Picoseconds present = now(); time > present) sc_core::wait(to_time(time - present));
}

/// An initiator's payload, set up anew for each access and reused. One per outstanding transaction.
class Access {
public:
    /// `data` may be null: the access takes its time but moves nothing.
    tlm::tlm_generic_payload& read(std::uint64_t address, void* data, Bytes bytes) {
        return prepare(tlm::TLM_READ_COMMAND, address, static_cast<std::uint8_t*>(data), bytes);
    }
    tlm::tlm_generic_payload& write(std::uint64_t address, const void* data, Bytes bytes) {
        return prepare(tlm::TLM_WRITE_COMMAND, address,
                       const_cast<std::uint8_t*>(static_cast<const std::uint8_t*>(data)), bytes);
    }
    bool ok() const { return payload_.is_response_ok(); }

private:
    tlm::tlm_generic_payload& prepare(tlm::tlm_command command, std::uint64_t address, std::uint8_t* data, Bytes bytes);

    tlm::tlm_generic_payload payload_;
};

/// A memory target's data transfer: checks the range, honours byte enables, sets the response status. `offset` is
/// relative to the storage. Returns whether the access was good. Errors: TLM_ADDRESS_ERROR_RESPONSE outside the
/// storage, TLM_BURST_ERROR_RESPONSE for zero length or a streaming width below the length,
/// TLM_BYTE_ENABLE_ERROR_RESPONSE for byte enables of length zero, TLM_GENERIC_ERROR_RESPONSE without a data pointer.
bool serve(tlm::tlm_generic_payload& payload, std::uint64_t offset, Storage& storage);

/// The same for transport_dbg: returns the number of bytes moved, cut off at the storage's end.
unsigned serve_debug(tlm::tlm_generic_payload& payload, std::uint64_t offset, Storage& storage);

} // namespace gradus::ip
