// SPDX-License-Identifier: Apache-2.0
// A test stand for a compute engine: the engine, a stub scratchpad, a memory for its ring, and an observer that
// remembers.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <utility>
#include <vector>

#include "ip/common/command_queue.h"
#include "ip/common/storage.h"
#include "ip/common/timeline.h"
#include "ip/common/transport.h"

namespace gradus::test {

inline constexpr std::uint64_t engine_scratchpad_base = 0x4000'0000;

struct StubTiming {
    ip::Bytes bytes_per_cycle = 0; ///< 0: takes no time
    ip::Cycles latency = 0;
    bool waits = false; ///< waits inside b_transport instead of annotating
};

/// A memory at `base` that serves one request after the other.
class StubScratchpad : public sc_core::sc_module {
public:
    struct Transaction {
        ip::Picoseconds arrival;
        ip::Picoseconds lead; ///< of the arrival over the time of the call
        std::uint64_t address;
        ip::Bytes bytes;
        bool write;
    };

    tlm_utils::simple_target_socket<StubScratchpad> socket;
    ip::Storage storage;
    std::vector<Transaction> transactions;
    bool remembers = true;

    StubScratchpad(sc_core::sc_module_name name, std::uint64_t base, ip::Bytes bytes, ip::Clock clock,
                   StubTiming timing)
        : sc_module(name), socket("socket"), storage(bytes), base_(base), clock_(clock), timing_(timing) {
        socket.register_b_transport(this, &StubScratchpad::transport);
    }

    void load(std::uint64_t address, const void* from, std::size_t bytes) {
        std::memcpy(storage.data() + (address - base_), from, bytes);
    }
    template <class Value>
    std::vector<Value> values(std::uint64_t address, std::size_t count) const {
        std::vector<Value> result(count);
        std::memcpy(result.data(), storage.data() + (address - base_), count * sizeof(Value));
        return result;
    }

private:
    void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
        const ip::Bytes bytes = payload.get_data_length();
        const ip::Picoseconds arrival = ip::now() + ip::to_picoseconds(delay);
        if (payload.get_address() < base_) {
            payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
            return;
        }
        if (!ip::serve(payload, payload.get_address() - base_, storage)) return;
        if (remembers)
            transactions.push_back({arrival, arrival - ip::now(), payload.get_address(), bytes, payload.is_write()});
        ip::Picoseconds done = arrival + clock_(timing_.latency);
        if (timing_.bytes_per_cycle) {
            const ip::Picoseconds occupancy = clock_(ip::ceil_div(bytes, timing_.bytes_per_cycle));
            done = port_.reserve(arrival, occupancy) + occupancy + clock_(timing_.latency);
        }
        delay = ip::to_time(done - ip::now());
        if (!timing_.waits) return;
        wait(delay);
        delay = sc_core::SC_ZERO_TIME;
    }

    const std::uint64_t base_;
    const ip::Clock clock_;
    const StubTiming timing_;
    ip::Timeline port_;
};

class RememberingObserver : public ip::Observer {
public:
    struct Halt {
        std::uint32_t error, index, field;
    };
    std::vector<ip::Span> spans;
    std::vector<ip::CommandWork> works;
    std::vector<Halt> halts;
    bool remembers = true;

    void span(ip::UnitId, const ip::Span& span) override {
        if (remembers) spans.push_back(span);
    }
    void retired(ip::UnitId, std::uint8_t, const ip::Tag&, const ip::CommandWork& work) override {
        if (remembers) works.push_back(work);
    }
    void halted(ip::UnitId, std::uint32_t error, std::uint32_t index, std::uint32_t field) override {
        halts.push_back({error, index, field});
    }

    ip::Picoseconds total(ip::Activity activity) const {
        ip::Picoseconds sum = 0;
        for (const ip::Span& span : spans)
            if (span.activity == activity) sum += span.end - span.begin;
        return sum;
    }
};

template <class Unit, class Parameters>
class EngineStand : public sc_core::sc_module {
public:
    static constexpr std::uint64_t scratchpad_base = engine_scratchpad_base;
    static constexpr std::uint32_t ring_entries = 4096;

    const ip::Clock clock{1000};
    StubScratchpad scratchpad;
    StubScratchpad ring;
    RememberingObserver observer;

    /// `extra` goes to the unit's constructor.
    template <class... Extra>
    EngineStand(sc_core::sc_module_name name, const Parameters& parameters, StubTiming timing, bool tensor_data,
                ip::Bytes scratchpad_bytes = 1 << 20, Extra... extra)
        : sc_module(name), scratchpad("scratchpad", scratchpad_base, scratchpad_bytes, clock, timing),
          ring("ring", 0, ring_entries * COMMAND_BYTES, clock, {}), fences_(1), control_("control"),
          interrupt_("interrupt"), unit_("unit", 0, parameters, ip::QueueParameters{}, clock, fences_, observer,
                                         tensor_data, std::move(extra)...) {
        unit_.data.bind(scratchpad.socket);
        unit_.queue.fetch.bind(ring.socket);
        unit_.queue.interrupt.bind(interrupt_);
        control_.bind(unit_.queue.registers);
    }

    template <class Body>
    void submit(std::uint8_t opcode, const Body& body) {
        static_assert(sizeof(Body) == COMMAND_BODY_BYTES);
        command command{};
        command.header.opcode = opcode;
        std::memcpy(command.body, &body, sizeof body);
        ring.load(std::uint64_t{submitted_ % ring_entries} * COMMAND_BYTES, &command, sizeof command);
        ++submitted_;
    }

    /// Rings the doorbell for everything submitted; once elaborated, so after a first sc_start.
    void ring_doorbell() {
        if (!configured_) {
            write_register(QUEUE_RING_BASE, 0, 8);
            write_register(QUEUE_RING_ENTRIES, ring_entries, 4);
            configured_ = true;
        }
        write_register(QUEUE_DOORBELL, submitted_, 4);
    }
    std::uint32_t retired() const { return fences_.retired(0); }

    /// Of the last span of that activity.
    ip::Cycles last_cycles(ip::Activity activity) const {
        for (auto span = observer.spans.rbegin(); span != observer.spans.rend(); ++span)
            if (span->activity == activity) return (span->end - span->begin) / clock.period;
        return 0;
    }

private:
    void write_register(std::uint64_t offset, std::uint64_t value, ip::Bytes bytes) {
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        control_->b_transport(access_.write(offset, &value, bytes), delay);
        sc_assert(access_.ok());
    }

    ip::FenceBoard fences_;
    tlm_utils::simple_initiator_socket<EngineStand> control_;
    sc_core::sc_signal<bool> interrupt_;
    Unit unit_;
    ip::Access access_;
    std::uint32_t submitted_ = 0;
    bool configured_ = false;
};

/// Elaborates, then runs what has been submitted to each stand until nothing moves any more.
template <class... Stands>
void run(Stands&... stands) {
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    (stands.ring_doorbell(), ...);
    sc_core::sc_start();
}

} // namespace gradus::test
