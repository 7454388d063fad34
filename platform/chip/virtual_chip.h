// SPDX-License-Identifier: Apache-2.0
// The chip: SystemC modules from ip/, bound together as doc/architecture.md draws them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <systemc>
#include <vector>

#include "ip/common/clock_bridge.h"
#include "ip/common/fence_board.h"
#include "ip/common/protocol_checker.h"
#include "ip/cpu/hart.h"
#include "ip/dma/dma_channel.h"
#include "ip/engine/matrix_unit.h"
#include "ip/engine/vector_unit.h"
#include "ip/interconnect/address_window.h"
#include "ip/interconnect/control_bus.h"
#include "ip/interconnect/data_fabric.h"
#include "ip/memory/dram.h"
#include "ip/memory/scratchpad.h"
#include "ip/memory/sram.h"
#include "ip/peripherals/clint_device.h"
#include "ip/peripherals/info_block_device.h"
#include "ip/peripherals/mailbox_device.h"
#include "ip/peripherals/performance_monitor.h"
#include "ip/peripherals/plic_device.h"
#include "ip/peripherals/uart_device.h"
#include "platform/chip/diagnosis.h"
#include "platform/chip/memory_map.h"
#include "platform/observe/result.h"
#include "platform/scenario/parameters.h"

namespace gradus::chip {

/// What comes out of the chip's pins, called from inside the simulation.
struct ChipOutputs {
    std::function<void(char)> uart;
    ip::Mailbox::Receiver mailbox;
    ip::ProtocolChecker::Violation protocol_violation; ///< only with run.check_protocol
};

class VirtualChip : public sc_core::sc_module, public observe::CounterSource {
public:
    /// Units report to `observer` by their ids in chip::units(). `image_address` goes into the info block.
    VirtualChip(sc_core::sc_module_name name, const scenario::ChipParameters& chip, const scenario::RunParameters& run,
                std::uint64_t image_address, ip::Observer& observer, const ChipOutputs& outputs);

    /// Looks into SRAM, scratchpad or DRAM, or changes them, in no simulated time. Throws std::out_of_range when the
    /// range is not all inside one of them.
    void write_memory(std::uint64_t address, const void* data, std::uint64_t bytes);
    void read_memory(std::uint64_t address, void* data, std::uint64_t bytes);

    ip::Hart& hart() { return hart_; }
    /// By queue number, for a diagnosis.
    std::vector<QueueSnapshot> queues() const;
    std::vector<observe::MemoryTotals> memories() const;
    /// Who moved how much from and to which of memories().
    std::vector<observe::Flow> traffic() const;
    void read_memories(observe::Counts& counts) const override;
    std::uint64_t instructions() const override { return hart_.instructions(); }
    /// "uart+0x4", "dram+0x100"; empty where nothing is.
    std::string name_at(std::uint64_t address) const { return bus_.name_at(address); }

private:
    template <class Initiator, class Target>
    void connect(Initiator& initiator, Target& target);
    /// With a bridge in between, if their clocks differ.
    template <class Initiator, class Target>
    void connect(Initiator& initiator, ip::Clock from, Target& target, ip::Clock to);
    template <class Target>
    void map(const ip::AddressRange& range, const std::string& name, Target& target, ip::Clock clock,
             ip::BusAddress address = ip::BusAddress::offset);
    ip::ProtocolChecker& add_checker();
    ip::ClockBridge& add_bridge(ip::Clock from, ip::Clock to);
    void map_devices();
    void connect_memories();
    void connect_units();
    void connect_queue(unsigned index);
    ip::CommandQueue& queue(unsigned index);
    const ip::CommandQueue& queue(unsigned index) const { return const_cast<VirtualChip*>(this)->queue(index); }
    std::uint8_t* memory_at(std::uint64_t address, std::uint64_t bytes);

    const scenario::ChipParameters parameters_;
    const bool check_protocol_;
    const ip::ProtocolChecker::Violation violation_;
    std::vector<std::unique_ptr<ip::ProtocolChecker>> checkers_;
    std::vector<std::unique_ptr<ip::ClockBridge>> bridges_;

    ip::FenceBoard fences_;
    ip::Hart hart_;
    ip::ControlBus bus_;
    ip::DataFabric fabric_;
    ip::Sram sram_;
    ip::Scratchpad scratchpad_;
    ip::Dram dram_;
    std::vector<std::unique_ptr<ip::DmaChannel>> dma_;
    ip::MatrixUnit matrix_;
    ip::VectorUnit vector_;
    ip::AddressWindow matrix_window_, vector_window_;
    ip::Uart uart_;
    ip::Clint clint_;
    ip::Plic plic_;
    ip::Mailbox mailbox_;
    ip::InfoBlockDevice info_;
    ip::PerformanceMonitor perfmon_;
    sc_core::sc_signal<bool> software_interrupt_, timer_interrupt_, external_interrupt_;
    sc_core::sc_vector<sc_core::sc_signal<bool>> queue_interrupts_;
};

} // namespace gradus::chip
