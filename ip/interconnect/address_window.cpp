// SPDX-License-Identifier: Apache-2.0
#include "ip/interconnect/address_window.h"

namespace gradus::ip {

AddressWindow::AddressWindow(sc_core::sc_module_name name, const AddressRange& range)
    : sc_module(name), in("in"), out("out"), range_(range) {
    in.register_b_transport(this, &AddressWindow::transport);
    in.register_transport_dbg(this, &AddressWindow::transport_debug);
}

void AddressWindow::transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const std::uint64_t address = payload.get_address();
    if (!range_.contains(address, payload.get_data_length())) {
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return;
    }
    payload.set_address(address - range_.base);
    out->b_transport(payload, delay);
    payload.set_address(address);
}

unsigned AddressWindow::transport_debug(tlm::tlm_generic_payload& payload) {
    const std::uint64_t address = payload.get_address();
    if (!range_.contains(address)) return 0;
    payload.set_address(address - range_.base);
    const unsigned moved = out->transport_dbg(payload);
    payload.set_address(address);
    return moved;
}

} // namespace gradus::ip
