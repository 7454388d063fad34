// SPDX-License-Identifier: Apache-2.0
#include "ip/peripherals/info_block_device.h"

#include <cstring>

namespace gradus::ip {

static_assert(sizeof(info_block) <= INFO_BLOCK_BYTES);

InfoBlockDevice::InfoBlockDevice(sc_core::sc_module_name name, Clock clock, const info_block& contents)
    : sc_module(name), registers("registers"), clock_(clock), page_(INFO_BLOCK_BYTES) {
    std::memcpy(page_.data(), &contents, sizeof contents);
    registers.register_b_transport(this, &InfoBlockDevice::transport);
    registers.register_transport_dbg(this, &InfoBlockDevice::transport_debug);
}

void InfoBlockDevice::transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    delay += to_time(clock_(1));
    if (payload.is_write())
        payload.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
    else
        serve(payload, payload.get_address(), page_);
}

unsigned InfoBlockDevice::transport_debug(tlm::tlm_generic_payload& payload) {
    return payload.is_read() ? serve_debug(payload, payload.get_address(), page_) : 0;
}

} // namespace gradus::ip
