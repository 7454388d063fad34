// SPDX-License-Identifier: Apache-2.0
// A checker of the TLM-2.0 base protocol, to sit on any pair of sockets. It passes every call on and takes no time:
// with it or without it, a simulation runs the same.
//
// Checked (IEEE 1666-2011, clauses 11, 14 and 15):
// - b_transport, what the initiator sets up: data pointer, length and streaming width not zero; a byte enable pointer
//   comes with a byte enable length; response status TLM_INCOMPLETE_RESPONSE; DMI hint cleared.
// - b_transport, what comes back: a response status other than incomplete; sc_time_stamp() + delay not before what it
//   was; command, address, data pointer, length, streaming width and byte enables as they were. The standard lets an
//   interconnect leave a translated address behind; here it must put the address back, so that payloads can be reused.
// - transport_dbg: no time passes; at most `length` bytes moved; the payload as it was.
// - get_direct_mem_ptr: no time passes; a granted region holds the address, has a pointer, and allows something.
// Not checked: non-blocking transport (the sockets' own adapters turn it into b_transport), extensions, memory
// management.
#pragma once

#include <functional>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

namespace gradus::ip {

class ProtocolChecker : public sc_core::sc_module {
public:
    tlm_utils::simple_target_socket<ProtocolChecker> in;     ///< towards the initiator
    tlm_utils::simple_initiator_socket<ProtocolChecker> out; ///< towards the target

    /// Receives each violation as one line for people; it starts with the checker's name.
    using Violation = std::function<void(const std::string&)>;

    /// Name the checker after the socket it sits on. Without a callback a violation is an SC_REPORT_ERROR.
    explicit ProtocolChecker(sc_core::sc_module_name name, Violation violation = {});

private:
    void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned transport_debug(tlm::tlm_generic_payload& payload);
    bool direct_memory(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);
    void invalidate(sc_dt::uint64 first, sc_dt::uint64 last);
    void require(bool condition, const char* rule, const tlm::tlm_generic_payload& payload);

    Violation violation_;
};

} // namespace gradus::ip
