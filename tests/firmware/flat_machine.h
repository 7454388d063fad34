// SPDX-License-Identifier: Apache-2.0
// A HartCore with one flat SRAM and a device that remembers what it is asked: what the core's tests need and no more.
#pragma once

#include <cstring>
#include <vector>

#include "ip/cpu/hart_core.h"

namespace gradus::test {

struct FlatMachine : ip::HartBus {
    static constexpr std::uint64_t sram_base = 0x80000000, sram_bytes = 2 << 20;
    static constexpr std::uint64_t device_base = 0x10000000, device_bytes = 0x1000;
    static constexpr ip::Picoseconds period = 10'000, device_time = 70'000;

    explicit FlatMachine(bool direct = true, const ip::HartParameters& parameters = {})
        : sram(sram_bytes), core(parameters, ip::Clock{period}, {sram_base, sram_bytes}, 0, *this) {
        if (direct) core.set_fast_memory(sram.data());
        core.set_pc(sram_base);
    }

    Answer access(const Request& request) override {
        requests.push_back(request);
        const ip::AddressRange memory{sram_base, sram_bytes}, device{device_base, device_bytes};
        if (memory.contains(request.address, request.bytes)) {
            std::uint8_t* place = sram.data() + (request.address - sram_base);
            request.write ? std::memcpy(place, request.data, request.bytes)
                          : std::memcpy(request.data, place, request.bytes);
            return {true, request.begin, {}};
        }
        if (!device.contains(request.address, request.bytes))
            return {false, request.begin + device_time, "nothing answers there"};
        if (request.write)
            std::memcpy(&device_value, request.data, request.bytes);
        else
            std::memcpy(request.data, &device_value, request.bytes);
        return {true, request.begin + device_time, {}};
    }
    bool fetch(std::uint64_t address, void* data, unsigned bytes) override {
        if (!ip::AddressRange{sram_base, sram_bytes}.contains(address, bytes)) return false;
        std::memcpy(data, sram.data() + (address - sram_base), bytes);
        return true;
    }

    void write(std::uint64_t address, const std::vector<std::uint8_t>& bytes) {
        std::memcpy(sram.data() + (address - sram_base), bytes.data(), bytes.size());
    }
    template <class T = std::uint64_t>
    T memory(std::uint64_t address) const {
        T value;
        std::memcpy(&value, sram.data() + (address - sram_base), sizeof value);
        return value;
    }
    template <class T>
    void set_memory(std::uint64_t address, T value) {
        std::memcpy(sram.data() + (address - sram_base), &value, sizeof value);
    }

    /// Executes one instruction (or takes one trap). Returns its cycles.
    ip::Cycles step() {
        const ip::Picoseconds begin = core.time();
        const std::uint64_t pc = core.pc(), retired = core.retired();
        // The first visit of an instruction decodes it; the core comes back when one is done.
        while (core.pc() == pc && core.retired() == retired && core.time() == begin) {
            pause = core.run(core.time() + 1, 1);
            if (pause == ip::HartCore::Pause::fault) break;
        }
        return (core.time() - begin) / period;
    }
    void steps(unsigned count) {
        while (count--)
            step();
    }

    std::vector<std::uint8_t> sram;
    std::uint64_t device_value = 0;
    std::vector<Request> requests;
    ip::HartCore core;
    ip::HartCore::Pause pause = ip::HartCore::Pause::none;
};

} // namespace gradus::test
