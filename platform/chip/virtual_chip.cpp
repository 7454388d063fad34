// SPDX-License-Identifier: Apache-2.0
#include "platform/chip/virtual_chip.h"

#include <cstring>
#include <fmt/format.h>
#include <stdexcept>

#include "ip/engine/rtl/rtl_array.h"
#include "platform/chip/simulation.h"
#include "platform/scenario/clocks.h"

namespace gradus::chip {

namespace {

using scenario::chip_clock;
using scenario::dma_clock;
using scenario::engine_clock;
using scenario::fabric_clock;

constexpr unsigned fabric_targets = 3;
constexpr unsigned hart_windows = 2; // through which it reaches the fabric: scratchpad, DRAM
// Positions in memory_names().
constexpr std::size_t dram_memory = 0, scratchpad_memory = 1, sram_memory = 2;
constexpr std::size_t memory_behind_port[fabric_targets] = {sram_memory, scratchpad_memory, dram_memory};

ip::DmaParameters dma_parameters(const scenario::ChipParameters& chip) {
    ip::DmaParameters parameters = chip.dma;
    parameters.port_bytes = scenario::port_bytes(chip, chip.dma.port_bytes);
    return parameters;
}

ip::HartOptions hart_options(const scenario::ChipParameters& chip, const scenario::RunParameters& run) {
    ip::HartOptions options;
    options.sram = sram_range(chip);
    options.quantum = static_cast<ip::Picoseconds>(run.quantum_ns * 1000);
    options.dmi = run.dmi;
    options.hang_instructions = run.hang_instructions;
    return options;
}

bool computes(const scenario::RunParameters& run) { return run.data == scenario::DataPlane::full; }

/// Null: the unit's own.
std::unique_ptr<ip::MatrixArray> matrix_array(const ip::MatrixParameters& parameters) {
    return parameters.model == ip::MatrixModel::rtl ? ip::make_rtl_array(parameters) : nullptr;
}

} // namespace

std::vector<observe::UnitInfo> units(const scenario::ChipParameters& chip) {
    std::vector<observe::UnitInfo> units;
    for (unsigned channel = 0; channel < chip.dma.channels; ++channel)
        units.push_back(
            {fmt::format("dma{}", channel), observe::UnitKind::dma, dma_parameters(chip).port_bytes, dma_clock(chip)});
    units.push_back(
        {"matrix", observe::UnitKind::matrix, std::uint64_t{chip.matrix.rows} * chip.matrix.cols, engine_clock(chip)});
    units.push_back({"vector", observe::UnitKind::vector, chip.vector.lanes, engine_clock(chip)});
    units.push_back({"cpu", observe::UnitKind::cpu, 0, chip_clock(chip)});
    return units;
}

VirtualChip::VirtualChip(sc_core::sc_module_name name, const scenario::ChipParameters& chip,
                         const scenario::RunParameters& run, std::uint64_t image_address, ip::Observer& observer,
                         const ChipOutputs& outputs)
    : sc_module(name), parameters_(chip), check_protocol_(run.check_protocol), violation_(outputs.protocol_violation),
      fences_(queue_count(chip), chip.crossing_cycles),
      hart_("hart", chip.cpu, chip_clock(chip), hart_options(chip, run), queue_count(chip), observer),
      bus_("bus", chip.bus, chip_clock(chip)), fabric_("fabric", chip.fabric, fabric_clock(chip)),
      sram_("sram", chip.sram, chip_clock(chip)), scratchpad_("scratchpad", chip.scratchpad, engine_clock(chip)),
      dram_("dram", chip.dram), matrix_("matrix", matrix_queue(chip), chip.matrix, chip.queue, engine_clock(chip),
                                        fences_, observer, computes(run), matrix_array(chip.matrix)),
      vector_("vector", vector_queue(chip), chip.vector, chip.queue, engine_clock(chip), fences_, observer,
              computes(run)),
      matrix_window_("matrix_window", scratchpad_range(chip)), vector_window_("vector_window", scratchpad_range(chip)),
      uart_("uart", chip_clock(chip), outputs.uart), clint_("clint", chip_clock(chip)),
      plic_("plic", chip_clock(chip), queue_count(chip)), mailbox_("mailbox", chip_clock(chip), outputs.mailbox),
      info_("info", chip_clock(chip), describe_to_firmware(chip, image_address)),
      perfmon_("perfmon", chip_clock(chip), queue_count(chip), [this](unsigned index) { return queue(index).state(); }),
      queue_interrupts_("queue_interrupts", queue_count(chip)) {
    const ip::DmaMemoryMap memories{dram_range(chip), scratchpad_range(chip), sram_range(chip)};
    for (unsigned channel = 0; channel < chip.dma.channels; ++channel)
        dma_.push_back(std::make_unique<ip::DmaChannel>(fmt::format("dma{}", channel).c_str(), channel,
                                                        dma_parameters(chip), chip.queue, dma_clock(chip), fences_,
                                                        observer, memories, computes(run)));
    connect_memories();
    connect_units();
    map_devices();
    hart_.set_address_namer([this](std::uint64_t address) { return bus_.name_at(address); });
}

ip::ProtocolChecker& VirtualChip::add_checker() {
    const std::string name = fmt::format("checker{}", checkers_.size());
    checkers_.push_back(std::make_unique<ip::ProtocolChecker>(name.c_str(), violation_));
    return *checkers_.back();
}

template <class Initiator, class Target>
void VirtualChip::connect(Initiator& initiator, Target& target) {
    if (!check_protocol_) {
        initiator.bind(target);
        return;
    }
    ip::ProtocolChecker& checker = add_checker();
    initiator.bind(checker.in);
    checker.out.bind(target);
}

ip::ClockBridge& VirtualChip::add_bridge(ip::Clock from, ip::Clock to) {
    const std::string name = fmt::format("bridge{}", bridges_.size());
    bridges_.push_back(std::make_unique<ip::ClockBridge>(name.c_str(), from, to, parameters_.crossing_cycles));
    return *bridges_.back();
}

template <class Initiator, class Target>
void VirtualChip::connect(Initiator& initiator, ip::Clock from, Target& target, ip::Clock to) {
    if (from.period == to.period) return connect(initiator, target);
    ip::ClockBridge& bridge = add_bridge(from, to);
    connect(initiator, bridge.in);
    connect(bridge.out, target);
}

template <class Target>
void VirtualChip::map(const ip::AddressRange& range, const std::string& name, Target& target, ip::Clock clock,
                      ip::BusAddress address) {
    const ip::Clock bus_clock = chip_clock(parameters_);
    if (clock.period != bus_clock.period) {
        ip::ClockBridge& bridge = add_bridge(bus_clock, clock);
        connect(bridge.out, target);
        return map(range, name, bridge.in, bus_clock, address);
    }
    if (!check_protocol_) return bus_.map(range, name, target, address);
    ip::ProtocolChecker& checker = add_checker();
    bus_.map(range, name, checker.in, address);
    checker.out.bind(target);
}

void VirtualChip::connect_memories() {
    const ip::Clock fabric = fabric_clock(parameters_);
    connect(hart_.bus, bus_.initiators);
    bus_.map(sram_range(parameters_), "sram", sram_.hart_port, ip::BusAddress::offset, ip::BusLatency::none);
    map(scratchpad_range(parameters_), "scratchpad", fabric_.in, fabric, ip::BusAddress::global);
    map(dram_range(parameters_), "dram", fabric_.in, fabric, ip::BusAddress::global);

    // The fabric numbers its targets, of which there are fabric_targets, in the order of binding.
    const scenario::FabricPorts& widths = parameters_.fabric_ports;
    connect(fabric_.out, fabric, sram_.fabric_port, chip_clock(parameters_));
    fabric_.map(sram_range(parameters_), widths.sram);
    connect(fabric_.out, fabric, scratchpad_.ports, engine_clock(parameters_));
    fabric_.map(scratchpad_range(parameters_), widths.scratchpad);
    connect(fabric_.out, dram_.ports);
    fabric_.map(dram_range(parameters_), widths.dram);
}

void VirtualChip::connect_units() {
    // Behind the hart, the order of binding is the order of priority: descriptors, then data.
    for (unsigned index = 0; index < queue_count(parameters_); ++index)
        connect_queue(index);
    for (auto& channel : dma_)
        connect(channel->data, dma_clock(parameters_), fabric_.in, fabric_clock(parameters_));
    connect(matrix_.data, matrix_window_.in);
    connect(matrix_window_.out, scratchpad_.ports);
    connect(vector_.data, vector_window_.in);
    connect(vector_window_.out, scratchpad_.ports);
}

void VirtualChip::connect_queue(unsigned index) {
    ip::CommandQueue& commands = queue(index);
    const ip::Clock clock = index < dma_.size() ? dma_clock(parameters_) : engine_clock(parameters_);
    connect(commands.fetch, clock, fabric_.in, fabric_clock(parameters_));
    map(queue_range(index), fmt::format("{}.queue", units(parameters_)[index].name), commands.registers, clock);
    commands.interrupt.bind(queue_interrupts_[index]);
    plic_.sources[queue_interrupt(index) - 1].bind(queue_interrupts_[index]);
}

void VirtualChip::map_devices() {
    const ip::Clock bus_clock = chip_clock(parameters_);
    map(info_range, "info", info_.registers, bus_clock);
    map(clint_range, "clint", clint_.registers, bus_clock);
    map(plic_range, "plic", plic_.registers, bus_clock);
    map(uart_range, "uart", uart_.registers, bus_clock);
    map(mailbox_range, "mailbox", mailbox_.registers, bus_clock);
    map(perfmon_range, "perfmon", perfmon_.registers, bus_clock);

    clint_.software_interrupt.bind(software_interrupt_);
    clint_.timer_interrupt.bind(timer_interrupt_);
    plic_.external_interrupt.bind(external_interrupt_);
    hart_.software_interrupt.bind(software_interrupt_);
    hart_.timer_interrupt.bind(timer_interrupt_);
    hart_.external_interrupt.bind(external_interrupt_);
}

ip::CommandQueue& VirtualChip::queue(unsigned index) {
    if (index < dma_.size()) return dma_[index]->queue;
    return index == matrix_queue(parameters_) ? matrix_.queue : vector_.queue;
}

std::vector<QueueSnapshot> VirtualChip::queues() const {
    const std::vector<observe::UnitInfo> infos = units(parameters_);
    std::vector<QueueSnapshot> snapshots;
    for (unsigned index = 0; index < queue_count(parameters_); ++index)
        snapshots.push_back({infos[index].name, infos[index].kind, queue(index).state(), fences_.waiting(index)});
    return snapshots;
}

std::vector<observe::MemoryTotals> VirtualChip::memories() const {
    const auto totals = [](const char* name, ip::Bytes capacity, const ip::MemoryCounters& counters) {
        observe::MemoryTotals totals{name,
                                     capacity,
                                     counters.reads,
                                     counters.writes,
                                     counters.bytes_read,
                                     counters.bytes_written,
                                     counters.busy,
                                     counters.peak_bytes_per_second,
                                     {},
                                     {counters.bursts.read, counters.bursts.written}};
        if (const auto& rows = counters.rows)
            totals.rows = {rows->hits, rows->misses, rows->conflicts, rows->refreshes, rows->forwarded};
        return totals;
    };
    return {totals("dram", parameters_.dram.bytes, dram_.counters()),
            totals("scratchpad", parameters_.scratchpad.bytes, scratchpad_.counters()),
            totals("sram", parameters_.sram.bytes, sram_.counters())};
}

std::vector<observe::Flow> VirtualChip::traffic() const {
    using What = observe::Flow::What;
    std::vector<observe::Flow> flows;
    const auto add = [&](unsigned unit, std::size_t memory, What what, const ip::Traffic& traffic) {
        if (traffic.bytes_read + traffic.bytes_written > 0)
            flows.push_back({static_cast<ip::UnitId>(unit), memory, what, traffic.bytes_read, traffic.bytes_written});
    };
    const unsigned queues = queue_count(parameters_), hart = queues;
    for (unsigned port = 0; port < fabric_targets; ++port) {
        const ip::TrafficByInitiator& traffic = fabric_.traffic(port);
        const std::size_t memory = memory_behind_port[port];
        // In the order in which they are bound: connect_memories(), then connect_units().
        unsigned initiator = 0;
        for (; initiator < hart_windows; ++initiator)
            add(hart, memory, What::data, traffic.of(initiator));
        for (unsigned queue = 0; queue < queues; ++queue)
            add(queue, memory, What::descriptors, traffic.of(initiator++));
        for (unsigned channel = 0; channel < dma_.size(); ++channel)
            add(channel, memory, What::data, traffic.of(initiator++));
    }
    // The fabric is the first at the scratchpad's ports.
    add(matrix_queue(parameters_), scratchpad_memory, What::data, scratchpad_.traffic().of(1));
    add(vector_queue(parameters_), scratchpad_memory, What::data, scratchpad_.traffic().of(2));
    return flows;
}

void VirtualChip::read_memories(observe::Counts& counts) const {
    using observe::Counter;
    const ip::MemoryCounters dram = dram_.counters(), scratchpad = scratchpad_.counters(), sram = sram_.counters();
    counts[Counter::dram_read_bytes] = dram.bytes_read;
    counts[Counter::dram_write_bytes] = dram.bytes_written;
    counts[Counter::dram_busy] = dram.busy;
    counts[Counter::dram_read_bursts] = dram.bursts.read;
    counts[Counter::dram_write_bursts] = dram.bursts.written;
    counts[Counter::dram_row_hits] = dram.rows->hits;
    counts[Counter::dram_row_misses] = dram.rows->misses;
    counts[Counter::dram_row_conflicts] = dram.rows->conflicts;
    counts[Counter::dram_refreshes] = dram.rows->refreshes;
    counts[Counter::scratchpad_read_bytes] = scratchpad.bytes_read;
    counts[Counter::scratchpad_write_bytes] = scratchpad.bytes_written;
    counts[Counter::scratchpad_busy] = scratchpad.busy;
    counts[Counter::sram_read_bytes] = sram.bytes_read;
    counts[Counter::sram_write_bytes] = sram.bytes_written;
    counts[Counter::sram_busy] = sram.busy;
    for (unsigned port = 0; port < fabric_targets; ++port)
        counts[Counter::fabric_bytes] += fabric_.counters(port).bytes_read + fabric_.counters(port).bytes_written;
}

std::uint8_t* VirtualChip::memory_at(std::uint64_t address, std::uint64_t bytes) {
    const std::pair<ip::AddressRange, ip::Storage*> memories[] = {
        {dram_range(parameters_), &dram_.storage()},
        {scratchpad_range(parameters_), &scratchpad_.storage()},
        {sram_range(parameters_), &sram_.storage()}};
    for (const auto& [range, storage] : memories)
        if (range.contains(address, bytes)) return storage->data() + (address - range.base);
    throw std::out_of_range(fmt::format("no memory holds {} bytes at {:#x}", bytes, address));
}

void VirtualChip::write_memory(std::uint64_t address, const void* data, std::uint64_t bytes) {
    std::memcpy(memory_at(address, bytes), data, bytes);
}

void VirtualChip::read_memory(std::uint64_t address, void* data, std::uint64_t bytes) {
    std::memcpy(data, memory_at(address, bytes), bytes);
}

} // namespace gradus::chip
