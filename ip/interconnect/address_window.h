// SPDX-License-Identifier: Apache-2.0
// A unit's own port onto one memory: turns system addresses into the memory's offsets, without arbitration and in no
// time. An access that the range does not hold entirely is answered with TLM_ADDRESS_ERROR_RESPONSE.
#pragma once

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "ip/common/address_range.h"

namespace gradus::ip {

class AddressWindow : public sc_core::sc_module {
public:
    tlm_utils::simple_target_socket<AddressWindow> in;
    tlm_utils::simple_initiator_socket<AddressWindow> out;

    AddressWindow(sc_core::sc_module_name name, const AddressRange& range);

private:
    void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned transport_debug(tlm::tlm_generic_payload& payload);

    const AddressRange range_;
};

} // namespace gradus::ip
