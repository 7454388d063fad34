// SPDX-License-Identifier: Apache-2.0
// A memory with a fixed latency and no limit on its bandwidth, which writes down what reached it.
#pragma once

#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <vector>

#include "ip/common/address_range.h"
#include "ip/common/storage.h"
#include "ip/common/transport.h"

namespace gradus::test {

struct SeenAccess {
    ip::Picoseconds arrival = 0;
    std::uint64_t address = 0;
    ip::Bytes bytes = 0;
    bool write = false;
    bool moves_data = false;

    bool operator==(const SeenAccess& other) const {
        return arrival == other.arrival && address == other.address && bytes == other.bytes && write == other.write;
    }
};

class StubMemory : public sc_core::sc_module {
public:
    tlm_utils::multi_passthrough_target_socket<StubMemory> socket;

    /// `waits`: spend the latency inside b_transport, as a target that reorders would, and not in the delay.
    StubMemory(sc_core::sc_module_name name, ip::Bytes bytes, ip::Picoseconds latency, bool waits = false)
        : sc_module(name), socket("socket"), storage_(bytes), latency_(latency), waits_(waits) {
        socket.register_b_transport(this, &StubMemory::transport);
        socket.register_transport_dbg(this, &StubMemory::transport_debug);
    }

    std::uint8_t* data() { return storage_.data(); }
    /// Accesses that touch the range are answered with TLM_ADDRESS_ERROR_RESPONSE.
    void refuse(const ip::AddressRange& range) { refused_ = range; }
    const std::vector<SeenAccess>& seen() const { return seen_; }
    /// For long runs, where nobody looks at what was seen.
    void forget_accesses() { records_ = false; }

private:
    void transport(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
        const std::uint64_t address = payload.get_address();
        const ip::Bytes bytes = payload.get_data_length();
        if (records_)
            seen_.push_back({ip::now() + ip::to_picoseconds(delay), address, bytes, payload.is_write(),
                             payload.get_byte_enable_ptr() == nullptr});
        if (address < refused_.end() && address + bytes > refused_.base)
            payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        else
            ip::serve(payload, address, storage_);
        delay += ip::to_time(latency_);
        if (!waits_) return;
        wait(delay);
        delay = sc_core::SC_ZERO_TIME;
    }
    unsigned transport_debug(int, tlm::tlm_generic_payload& payload) {
        return ip::serve_debug(payload, payload.get_address(), storage_);
    }

    ip::Storage storage_;
    const ip::Picoseconds latency_;
    const bool waits_;
    bool records_ = true;
    ip::AddressRange refused_;
    std::vector<SeenAccess> seen_;
};

} // namespace gradus::test
