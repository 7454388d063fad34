// SPDX-License-Identifier: Apache-2.0
// A scripted initiator: a test gives it what to do; it does so in a SystemC thread of its own.
#pragma once

#include <functional>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "ip/common/transport.h"

namespace gradus::test {

class Initiator : public sc_core::sc_module {
public:
    tlm_utils::simple_initiator_socket<Initiator> socket;

    Initiator(sc_core::sc_module_name name, std::function<void(Initiator&)> script)
        : sc_module(name), socket("socket"), script_(std::move(script)) {
        SC_HAS_PROCESS(Initiator);
        SC_THREAD(run);
    }

    /// Waits until the access is complete and returns that time. `data` may be null: timing only.
    ip::Picoseconds read(std::uint64_t address, void* data, ip::Bytes bytes) {
        return complete(access_.read(address, data, bytes));
    }
    ip::Picoseconds write(std::uint64_t address, const void* data, ip::Bytes bytes) {
        return complete(access_.write(address, data, bytes));
    }
    template <typename Value>
    void write_value(std::uint64_t address, Value value) {
        write(address, &value, sizeof value);
    }
    template <typename Value>
    Value read_value(std::uint64_t address) {
        Value value{};
        read(address, &value, sizeof value);
        return value;
    }

    /// Sends any payload, waits until it is complete and returns that time.
    ip::Picoseconds complete(tlm::tlm_generic_payload& payload) {
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        socket->b_transport(payload, delay);
        if (delay != sc_core::SC_ZERO_TIME) wait(delay);
        response_ = payload.get_response_status();
        return ip::now();
    }

    void wait_until(ip::Picoseconds time) {
        if (time > ip::now()) wait(ip::to_time(time - ip::now()));
    }
    void wait_for(ip::Picoseconds time) { wait(ip::to_time(time)); }

    /// Of the last access.
    tlm::tlm_response_status response() const { return response_; }

private:
    void run() { script_(*this); }

    std::function<void(Initiator&)> script_;
    ip::Access access_;
    tlm::tlm_response_status response_ = tlm::TLM_INCOMPLETE_RESPONSE;
};

} // namespace gradus::test
