// SPDX-License-Identifier: Apache-2.0
#include "ip/interconnect/control_bus.h"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace gradus::ip {

ControlBus::ControlBus(sc_core::sc_module_name name, const BusParameters& parameters, Clock clock)
    : sc_module(name), initiators("initiators"), targets_("targets"), latency_(to_time(clock(parameters.latency))) {
    initiators.register_b_transport(this, &ControlBus::transport);
    initiators.register_transport_dbg(this, &ControlBus::transport_debug);
    initiators.register_get_direct_mem_ptr(this, &ControlBus::direct_memory);
    targets_.register_invalidate_direct_mem_ptr(this, &ControlBus::invalidate);
}

void ControlBus::add(AddressRange range, const std::string& name, BusAddress address, BusLatency latency) {
    if (range.bytes == 0 || range.base + (range.bytes - 1) < range.base)
        throw std::invalid_argument("control bus: the range of " + name + " is empty or wraps around");
    for (const Target& other : map_)
        if (range.base <= other.range.base ? other.range.base - range.base < range.bytes
                                           : range.base - other.range.base < other.range.bytes)
            throw std::invalid_argument("control bus: the ranges of " + other.name + " and " + name + " overlap");
    const Target target{range, name, address == BusAddress::offset,
                        latency == BusLatency::charged ? latency_ : sc_core::SC_ZERO_TIME,
                        static_cast<int>(map_.size())};
    const auto place =
        std::find_if(map_.begin(), map_.end(), [&](const Target& other) { return other.range.base > range.base; });
    map_.insert(place, target);
}

const ControlBus::Target* ControlBus::target_at(std::uint64_t address) const {
    const auto after = std::upper_bound(map_.begin(), map_.end(), address,
                                        [](std::uint64_t value, const Target& t) { return value < t.range.base; });
    if (after == map_.begin()) return nullptr;
    const Target& target = *std::prev(after);
    return target.range.contains(address) ? &target : nullptr;
}

std::string ControlBus::name_at(std::uint64_t address) const {
    const Target* target = target_at(address);
    if (!target) return {};
    const std::uint64_t offset = address - target->range.base;
    if (offset == 0) return target->name;
    char text[24];
    std::snprintf(text, sizeof text, "+0x%llx", static_cast<unsigned long long>(offset));
    return target->name + text;
}

void ControlBus::transport(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const std::uint64_t address = payload.get_address();
    const Target* target = target_at(address);
    if (!target || !target->range.contains(address, payload.get_data_length())) {
        delay += latency_;
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return;
    }
    payload.set_address(target->to_target(address));
    targets_[target->socket]->b_transport(payload, delay);
    payload.set_address(address);
    delay += target->latency;
}

unsigned ControlBus::transport_debug(int, tlm::tlm_generic_payload& payload) {
    const std::uint64_t address = payload.get_address();
    const Target* target = target_at(address);
    if (!target) return 0;
    const unsigned length = payload.get_data_length();
    const std::uint64_t room = target->range.bytes - (address - target->range.base);
    payload.set_address(target->to_target(address));
    payload.set_data_length(static_cast<unsigned>(std::min<std::uint64_t>(length, room)));
    const unsigned moved = targets_[target->socket]->transport_dbg(payload);
    payload.set_data_length(length);
    payload.set_address(address);
    return moved;
}

bool ControlBus::direct_memory(int, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
    const std::uint64_t address = payload.get_address();
    const Target* target = target_at(address);
    if (!target) {
        dmi.set_start_address(address);
        dmi.set_end_address(address);
        return false;
    }
    payload.set_address(target->to_target(address));
    const bool granted = targets_[target->socket]->get_direct_mem_ptr(payload, dmi);
    payload.set_address(address);
    const AddressRange& range = target->range;
    const std::uint64_t first = target->to_target(range.base), last = first + (range.bytes - 1);
    if (dmi.get_start_address() < first) {
        dmi.set_dmi_ptr(dmi.get_dmi_ptr() + (first - dmi.get_start_address()));
        dmi.set_start_address(first);
    }
    dmi.set_start_address(target->to_global(dmi.get_start_address()));
    dmi.set_end_address(target->to_global(std::min<std::uint64_t>(dmi.get_end_address(), last)));
    dmi.set_read_latency(dmi.get_read_latency() + target->latency);
    dmi.set_write_latency(dmi.get_write_latency() + target->latency);
    return granted;
}

void ControlBus::invalidate(int socket, sc_dt::uint64 first, sc_dt::uint64 last) {
    const Target& target =
        *std::find_if(map_.begin(), map_.end(), [socket](const Target& t) { return t.socket == socket; });
    const std::uint64_t begin = target.to_target(target.range.base), end = begin + (target.range.bytes - 1);
    if (last < begin || first > end) return;
    const std::uint64_t from = target.to_global(std::max<std::uint64_t>(first, begin));
    const std::uint64_t to = target.to_global(std::min<std::uint64_t>(last, end));
    for (int i = 0; i < static_cast<int>(initiators.size()); ++i)
        initiators[i]->invalidate_direct_mem_ptr(from, to);
}

} // namespace gradus::ip
