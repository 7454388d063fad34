// SPDX-License-Identifier: Apache-2.0
#include "ip/peripherals/plic_device.h"

#include <stdexcept>

namespace gradus::ip {

namespace {

enum class Register { none, priority, pending, enable, threshold, claim };

Register register_at(std::uint64_t offset) {
    if (offset < PLIC_PRIORITY + 4 * PLIC_SOURCES) return Register::priority;
    if (offset >= PLIC_PENDING && offset < PLIC_PENDING + PLIC_SOURCES / 8) return Register::pending;
    if (offset >= PLIC_ENABLE && offset < PLIC_ENABLE + PLIC_SOURCES / 8) return Register::enable;
    if (offset == PLIC_THRESHOLD) return Register::threshold;
    return offset == PLIC_CLAIM ? Register::claim : Register::none;
}

} // namespace

Plic::Plic(sc_core::sc_module_name name, Clock clock, unsigned source_count)
    : sc_module(name), registers("registers"), sources("sources"), external_interrupt("external_interrupt"),
      clock_(clock) {
    if (source_count >= PLIC_SOURCES) throw std::invalid_argument("an interrupt controller has at most 63 sources");
    sources.init(source_count);
    registers.register_b_transport(this, &Plic::transport);
    SC_HAS_PROCESS(Plic);
    SC_METHOD(sample_sources);
    for (auto& source : sources)
        sensitive << source;
    SC_METHOD(drive_line);
    sensitive << changed_;
}

void Plic::transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    serve_registers(payload, delay, clock_, [this](RegisterAccess& a) { return access(a); });
}

tlm::tlm_response_status Plic::access(RegisterAccess& access) {
    const Register which = register_at(access.offset);
    if (which == Register::none) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    if (access.bytes != 4) return tlm::TLM_BURST_ERROR_RESPONSE;
    if (access.write && which == Register::pending) return tlm::TLM_COMMAND_ERROR_RESPONSE;
    if (access.write)
        write(access);
    else
        read(access);
    changed_.notify(sc_core::SC_ZERO_TIME);
    return tlm::TLM_OK_RESPONSE;
}

void Plic::read(RegisterAccess& access) {
    const auto half = [&](std::uint64_t bits) { return bits >> (access.offset % 8 * 8) & 0xffffffffu; };
    switch (register_at(access.offset)) {
    case Register::priority:
        access.value = core_.priority(static_cast<unsigned>(access.offset / 4));
        break;
    case Register::pending:
        access.value = half(core_.pending());
        break;
    case Register::enable:
        access.value = half(core_.enabled());
        break;
    case Register::threshold:
        access.value = core_.threshold();
        break;
    default:
        access.value = core_.claim();
        break;
    }
}

void Plic::write(const RegisterAccess& access) {
    const auto value = static_cast<std::uint32_t>(access.value);
    switch (register_at(access.offset)) {
    case Register::priority:
        core_.set_priority(static_cast<unsigned>(access.offset / 4), value);
        break;
    case Register::enable: {
        std::uint64_t enabled = core_.enabled();
        write_wide(access, enabled);
        core_.set_enabled(enabled);
        break;
    }
    case Register::threshold:
        core_.set_threshold(value);
        break;
    default:
        core_.complete(value);
        break;
    }
}

void Plic::sample_sources() {
    for (unsigned i = 0; i < sources.size(); ++i)
        core_.set_level(i + 1, sources[i].read());
    changed_.notify(sc_core::SC_ZERO_TIME);
}

// A signal has one writer: this process, not the initiator whose access changes something.
void Plic::drive_line() { external_interrupt.write(core_.line()); }

} // namespace gradus::ip
