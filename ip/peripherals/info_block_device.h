// SPDX-License-Identifier: Apache-2.0
// The read-only page that tells firmware what chip it runs on: struct info_block, then zeros. Takes any read within the
// page.
#pragma once

#include <systemc>
#include <tlm_utils/simple_target_socket.h>

#include "ip/common/transport.h"
#include "ip/peripherals/info_block.h"

namespace gradus::ip {

class InfoBlockDevice : public sc_core::sc_module {
public:
    tlm_utils::simple_target_socket<InfoBlockDevice> registers; ///< INFO_BLOCK_BYTES

    InfoBlockDevice(sc_core::sc_module_name name, Clock clock, const info_block& contents);

private:
    void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned transport_debug(tlm::tlm_generic_payload& payload);

    const Clock clock_;
    Storage page_;
};

} // namespace gradus::ip
