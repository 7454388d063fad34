// SPDX-License-Identifier: Apache-2.0
#include "ip/common/protocol_checker.h"

#include <cstdio>

namespace gradus::ip {

namespace {

/// What the callee has to leave alone.
struct Attributes {
    explicit Attributes(const tlm::tlm_generic_payload& payload)
        : command(payload.get_command()), address(payload.get_address()), data(payload.get_data_ptr()),
          length(payload.get_data_length()), width(payload.get_streaming_width()),
          enables(payload.get_byte_enable_ptr()), enables_length(payload.get_byte_enable_length()) {}

    bool same_data(const Attributes& other) const {
        return data == other.data && length == other.length && width == other.width && enables == other.enables &&
               enables_length == other.enables_length;
    }

    tlm::tlm_command command;
    sc_dt::uint64 address;
    const unsigned char* data;
    unsigned length;
    unsigned width;
    const unsigned char* enables;
    unsigned enables_length;
};

const char* verb(tlm::tlm_command command) {
    switch (command) {
    case tlm::TLM_READ_COMMAND:
        return "read";
    case tlm::TLM_WRITE_COMMAND:
        return "write";
    default:
        return "ignored access";
    }
}

} // namespace

ProtocolChecker::ProtocolChecker(sc_core::sc_module_name name, Violation violation)
    : sc_module(name), in("in"), out("out"), violation_(std::move(violation)) {
    in.register_b_transport(this, &ProtocolChecker::transport);
    in.register_transport_dbg(this, &ProtocolChecker::transport_debug);
    in.register_get_direct_mem_ptr(this, &ProtocolChecker::direct_memory);
    out.register_invalidate_direct_mem_ptr(this, &ProtocolChecker::invalidate);
}

void ProtocolChecker::transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    require(payload.get_data_ptr(), "null data pointer", payload);
    require(payload.get_data_length() > 0, "data length of zero", payload);
    require(payload.get_streaming_width() > 0, "streaming width of zero", payload);
    require(!payload.get_byte_enable_ptr() || payload.get_byte_enable_length() > 0, "byte enable length of zero",
            payload);
    require(payload.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE,
            "response status was not TLM_INCOMPLETE_RESPONSE when the access began", payload);
    require(!payload.is_dmi_allowed(), "DMI hint was not cleared when the access began", payload);
    const Attributes before(payload);
    const sc_core::sc_time arrival = sc_core::sc_time_stamp() + delay;

    out->b_transport(payload, delay);

    const Attributes after(payload);
    require(after.command == before.command, "command changed by the target", payload);
    require(after.address == before.address, "address changed by the target", payload);
    require(after.same_data(before), "data pointer, length, streaming width or byte enables changed by the target",
            payload);
    require(payload.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE, "no response status set by the target",
            payload);
    require(sc_core::sc_time_stamp() + delay >= arrival, "time went backwards", payload);
}

unsigned ProtocolChecker::transport_debug(tlm::tlm_generic_payload& payload) {
    const Attributes before(payload);
    const auto deltas = sc_core::sc_delta_count();
    require(payload.get_data_ptr() || payload.get_data_length() == 0, "null data pointer in a debug access", payload);

    const unsigned moved = out->transport_dbg(payload);

    const Attributes after(payload);
    require(after.command == before.command && after.address == before.address && after.same_data(before),
            "payload changed by a debug access", payload);
    require(sc_core::sc_delta_count() == deltas, "time advanced in a debug access", payload);
    require(moved <= before.length, "a debug access moved more than its length", payload);
    return moved;
}

bool ProtocolChecker::direct_memory(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
    const sc_dt::uint64 address = payload.get_address();
    const auto deltas = sc_core::sc_delta_count();

    const bool granted = out->get_direct_mem_ptr(payload, dmi);

    require(sc_core::sc_delta_count() == deltas, "time advanced in a DMI request", payload);
    if (granted) {
        require(dmi.get_start_address() <= address && address <= dmi.get_end_address(),
                "the DMI region does not hold the address asked for", payload);
        require(dmi.get_dmi_ptr(), "DMI granted without a pointer", payload);
        require(!dmi.is_none_allowed(), "DMI granted, but neither for reads nor for writes", payload);
    }
    return granted;
}

void ProtocolChecker::invalidate(sc_dt::uint64 first, sc_dt::uint64 last) {
    in->invalidate_direct_mem_ptr(first, last);
}

void ProtocolChecker::require(bool condition, const char* rule, const tlm::tlm_generic_payload& payload) {
    if (condition) return;
    char where[80];
    std::snprintf(where, sizeof where, " (%s of %u bytes at 0x%llx)", verb(payload.get_command()),
                  payload.get_data_length(), static_cast<unsigned long long>(payload.get_address()));
    const std::string message = std::string(name()) + ": " + rule + where;
    if (violation_)
        violation_(message);
    else
        SC_REPORT_ERROR("tlm2_base_protocol", message.c_str());
}

} // namespace gradus::ip
