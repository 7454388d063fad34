// SPDX-License-Identifier: Apache-2.0
// A memory that takes no time and grants direct access, to any number of initiators.
#pragma once

#include <cstring>
#include <systemc>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <vector>

#include "ip/common/transport.h"

namespace gradus::test {

struct BusMemory : sc_core::sc_module {
    tlm_utils::multi_passthrough_target_socket<BusMemory> port;

    BusMemory(sc_core::sc_module_name name, ip::Bytes bytes) : sc_module(name), port("port"), storage(bytes) {
        port.register_b_transport(this, &BusMemory::transport);
        port.register_transport_dbg(this, &BusMemory::debug);
        port.register_get_direct_mem_ptr(this, &BusMemory::direct);
    }
    void transport(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
        ++transactions;
        delay += extra;
        ip::serve(payload, payload.get_address(), storage);
        payload.set_dmi_allowed(hint);
    }
    unsigned debug(int, tlm::tlm_generic_payload& payload) {
        return ip::serve_debug(payload, payload.get_address(), storage);
    }
    bool direct(int, tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) {
        ++requests;
        dmi.allow_read_write();
        dmi.set_start_address(0);
        dmi.set_end_address(storage.bytes() - 1);
        dmi.set_dmi_ptr(storage.data());
        dmi.set_read_latency(dmi_latency);
        dmi.set_write_latency(dmi_latency);
        return grant;
    }
    void load(ip::Bytes offset, const std::vector<std::uint8_t>& bytes) {
        std::memcpy(storage.data() + offset, bytes.data(), bytes.size());
    }
    template <class T = std::uint64_t>
    T value(ip::Bytes offset) const {
        T result;
        std::memcpy(&result, storage.data() + offset, sizeof result);
        return result;
    }

    ip::Storage storage;
    sc_core::sc_time extra, dmi_latency;
    bool grant = true, hint = false;
    unsigned transactions = 0, requests = 0;
};

} // namespace gradus::test
