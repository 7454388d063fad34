// SPDX-License-Identifier: Apache-2.0
#include "ip/common/transport.h"

#include <algorithm>
#include <cstring>

namespace gradus::ip {

namespace {

std::uint8_t no_byte_enabled[1] = {TLM_BYTE_DISABLED};
std::uint8_t no_data[1];

void copy_enabled(tlm::tlm_generic_payload& payload, std::uint8_t* memory, Bytes bytes) {
    const bool reads = payload.is_read();
    std::uint8_t* data = payload.get_data_ptr();
    const std::uint8_t* enables = payload.get_byte_enable_ptr();
    const unsigned period = payload.get_byte_enable_length();
    for (Bytes i = 0; i < bytes; ++i) {
        if (enables[i % period] == TLM_BYTE_DISABLED) continue;
        (reads ? data[i] : memory[i]) = reads ? memory[i] : data[i];
    }
}

void copy_all(tlm::tlm_generic_payload& payload, std::uint8_t* memory, Bytes bytes) {
    if (payload.is_read())
        std::memcpy(payload.get_data_ptr(), memory, bytes);
    else
        std::memcpy(memory, payload.get_data_ptr(), bytes);
}

tlm::tlm_response_status check(const tlm::tlm_generic_payload& payload, std::uint64_t offset, Bytes storage_bytes) {
    const Bytes bytes = payload.get_data_length();
    if (offset > storage_bytes || bytes > storage_bytes - offset) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    if (bytes == 0 || payload.get_streaming_width() < bytes) return tlm::TLM_BURST_ERROR_RESPONSE;
    if (payload.get_byte_enable_ptr() && payload.get_byte_enable_length() == 0)
        return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    if (!payload.get_data_ptr()) return tlm::TLM_GENERIC_ERROR_RESPONSE;
    return tlm::TLM_OK_RESPONSE;
}

bool moves_nothing(const tlm::tlm_generic_payload& payload) {
    // The common case of a timing-only run is recognized by its address, without a loop over the byte enables.
    return payload.get_byte_enable_ptr() == no_byte_enabled || payload.get_command() == tlm::TLM_IGNORE_COMMAND;
}

} // namespace

tlm::tlm_generic_payload& Access::prepare(tlm::tlm_command command, std::uint64_t address, std::uint8_t* data,
                                          Bytes bytes) {
    payload_.set_command(command);
    payload_.set_address(address);
    payload_.set_data_ptr(data ? data : no_data);
    payload_.set_data_length(static_cast<unsigned>(bytes));
    payload_.set_streaming_width(static_cast<unsigned>(bytes));
    payload_.set_byte_enable_ptr(data ? nullptr : no_byte_enabled);
    payload_.set_byte_enable_length(data ? 0 : 1);
    payload_.set_dmi_allowed(false);
    payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    return payload_;
}

bool serve(tlm::tlm_generic_payload& payload, std::uint64_t offset, Storage& storage) {
    const tlm::tlm_response_status status = check(payload, offset, storage.bytes());
    payload.set_response_status(status);
    if (status != tlm::TLM_OK_RESPONSE) return false;
    if (moves_nothing(payload)) return true;
    std::uint8_t* memory = storage.data() + offset;
    if (payload.get_byte_enable_ptr())
        copy_enabled(payload, memory, payload.get_data_length());
    else
        copy_all(payload, memory, payload.get_data_length());
    return true;
}

unsigned serve_debug(tlm::tlm_generic_payload& payload, std::uint64_t offset, Storage& storage) {
    if (offset >= storage.bytes() || !payload.get_data_ptr()) return 0;
    const Bytes bytes = std::min<Bytes>(payload.get_data_length(), storage.bytes() - offset);
    if (payload.get_command() != tlm::TLM_IGNORE_COMMAND) copy_all(payload, storage.data() + offset, bytes);
    return static_cast<unsigned>(bytes);
}

} // namespace gradus::ip
