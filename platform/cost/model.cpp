// SPDX-License-Identifier: Apache-2.0
#include "platform/cost/model.h"

#include <cmath>

#include "platform/cost/clock_limits.h"

namespace gradus::cost {

namespace {

using observe::Counter;

constexpr double um2 = 1e-6; // in mm²
constexpr double fabric_targets = 3;
constexpr double sums_bytes = 4; // that move on in the array: fp32

class Builder {
public:
    Builder(const scenario::ChipParameters& chip, scenario::Format format)
        : chip_(chip), technology_(chip.technology), format_(format), clocks_(clocks_of(chip)) {}

    std::vector<Block> build() {
        matrix();
        vector();
        scratchpad();
        sram();
        dma();
        cpu();
        dram_interface();
        fabric(); // last on the chip: its wires cross all of it
        raise_voltage();
        if (technology_.fpga.enabled) device();
        dram();
        return std::move(blocks_);
    }

private:
    const scenario::ProcessScale& scale() const { return technology_.scale; }

    Block& add(const char* name, double uncertainty) {
        Block& block = blocks_.emplace_back();
        block.name = name;
        block.energy_uncertainty = uncertainty * scale().uncertainty;
        block.static_uncertainty = technology_.uncertainty.leakage * scale().uncertainty;
        block.area_uncertainty = technology_.uncertainty.area * scale().area_uncertainty;
        return block;
    }

    void logic(Block& block, double square_millimetres) const {
        const double clock = clock_factors(technology_, clocks_, block.name).logic_area;
        occupy(block, square_millimetres * scale().logic_area * clock, technology_.leakage.logic);
    }
    void memory(Block& block, double bytes) const {
        occupy(block, bytes * 8 * technology_.area.sram_bit * um2 * scale().sram_area, technology_.leakage.sram);
        block.fpga.bram += std::ceil(bytes / technology_.fpga.bram_bytes);
    }
    void occupy(Block& block, double square_millimetres, double milliwatts_per_mm2) const {
        if (technology_.fpga.enabled) return;
        block.square_millimetres += square_millimetres;
        block.static_watts += square_millimetres * milliwatts_per_mm2 * scale().leakage * 1e-3;
    }
    static void take(Block& block, const scenario::Resources& resources, double times) {
        block.fpga += {resources.lut * times, resources.ff * times, resources.dsp * times, 0};
    }

    double wire_byte(double millimetres) const {
        return technology_.energy.wire_byte_mm * scale().wire_energy * millimetres;
    }
    /// Of memory on an FPGA, too, which spreads over as much silicon as its block RAMs hold.
    double memory_edge(double bytes) const {
        return std::sqrt(bytes * 8 * technology_.area.sram_bit * um2 * scale().sram_area);
    }

    void matrix() {
        Block& block = add("matrix", technology_.uncertainty.matrix);
        const double elements = static_cast<double>(chip_.matrix.rows) * chip_.matrix.cols;
        const auto mac = [&](double arithmetic, double operand_bytes) {
            const double moves = (2 * operand_bytes + sums_bytes) * technology_.energy.register_byte;
            return (arithmetic + moves) * scale().logic_energy;
        };
        block.of(Counter::macs_fp32) = mac(technology_.energy.mac_fp32, 4);
        block.of(Counter::macs_bf16) = mac(technology_.energy.mac_bf16, 2);
        const bool narrow = format_ == scenario::Format::bf16;
        logic(block, elements * (narrow ? technology_.area.mac_bf16 : technology_.area.mac_fp32) * um2);
        take(block, narrow ? technology_.fpga.mac_bf16 : technology_.fpga.mac_fp32, elements);
    }

    void vector() {
        Block& block = add("vector", technology_.uncertainty.vector);
        const scenario::EventEnergy& energy = technology_.energy;
        block.of(Counter::vector_simple) = energy.lane_simple * scale().logic_energy;
        block.of(Counter::vector_exp) = energy.lane_exp * scale().logic_energy;
        block.of(Counter::vector_reciprocal) = energy.lane_reciprocal * scale().logic_energy;
        block.of(Counter::vector_root) = energy.lane_root * scale().logic_energy;
        const double lanes = chip_.vector.lanes, adders = lanes * chip_.vector.multiply_adders;
        logic(block, (adders * technology_.area.lane + lanes * technology_.area.lane_special) * um2);
        take(block, technology_.fpga.lane, adders);
    }

    // A byte is read in its bank and travels from there to the middle of the memory's edge: on the average three
    // quarters of that edge, down and across.
    void scratchpad() {
        Block& block = add("scratchpad", technology_.uncertainty.sram);
        const auto bytes = static_cast<double>(chip_.scratchpad.bytes);
        const double byte =
            sram_byte_energy(technology_, bytes / chip_.scratchpad.banks) + wire_byte(0.75 * memory_edge(bytes));
        block.of(Counter::scratchpad_read_bytes) = block.of(Counter::scratchpad_write_bytes) = byte;
        memory(block, bytes);
    }

    void sram() {
        Block& block = add("sram", technology_.uncertainty.sram);
        const auto bytes = static_cast<double>(chip_.sram.bytes);
        block.of(Counter::sram_read_bytes) = block.of(Counter::sram_write_bytes) = sram_byte_energy(technology_, bytes);
        memory(block, bytes);
    }

    // What a channel moves crosses the fabric twice, and its buffer once in and once out.
    void dma() {
        Block& block = add("dma", technology_.uncertainty.fabric);
        const double buffer = static_cast<double>(chip_.dma.outstanding) * static_cast<double>(chip_.dma.burst_bytes);
        block.of(Counter::fabric_bytes) = sram_byte_energy(technology_, buffer);
        logic(block, chip_.dma.channels * technology_.area.dma_channel_mm2);
        memory(block, chip_.dma.channels * buffer);
        take(block, technology_.fpga.dma_channel, chip_.dma.channels);
    }

    void cpu() {
        Block& block = add("cpu", technology_.uncertainty.hart);
        block.of(Counter::instructions) = technology_.energy.instruction * scale().logic_energy;
        logic(block, technology_.area.hart_mm2);
        take(block, technology_.fpga.hart, 1);
    }

    void dram_interface() {
        Block& block = add("dram interface", chip_.dram_energy.uncertainty); // its energy is part of a bit's
        occupy(block, chip_.dram.channels * chip_.dram_energy.phy_mm2, technology_.leakage.logic);
        take(block, technology_.fpga.dram_channel, chip_.dram.channels);
    }

    // Two places of a square are two thirds of its edge apart on the average, down and across.
    void fabric() {
        Block& block = add("fabric", technology_.uncertainty.fabric);
        const double initiators = 3 + 2.0 * chip_.dma.channels; // hart; descriptors of every queue; data of channels
        const double crosspoints = initiators * fabric_targets * static_cast<double>(chip_.fabric.port_bytes);
        logic(block, crosspoints * technology_.area.crosspoint_byte * um2);
        take(block, technology_.fpga.crosspoint_byte, crosspoints);
        double chip = 0;
        for (const Block& each : blocks_)
            chip += each.square_millimetres;
        block.of(Counter::fabric_bytes) =
            technology_.energy.crossbar_byte * scale().logic_energy + wire_byte(2.0 / 3 * std::sqrt(chip));
    }

    void raise_voltage() {
        for (Block& block : blocks_) {
            const ClockFactors factors = clock_factors(technology_, clocks_, block.name);
            for (double& event : block.picojoules)
                event *= factors.dynamic;
            block.static_watts *= factors.leakage;
        }
    }

    void device() {
        Block& block = add("device", 1);
        block.static_watts = technology_.fpga.static_mw * 1e-3;
    }

    void dram() {
        Block& block = blocks_.emplace_back();
        const scenario::DramEnergy& energy = chip_.dram_energy;
        block.name = "dram";
        block.energy_uncertainty = block.static_uncertainty = energy.uncertainty;
        block.of(Counter::dram_row_misses) = block.of(Counter::dram_row_conflicts) = energy.activate;
        const double burst_bits = 8 * static_cast<double>(chip_.dram.organisation.burst_bytes);
        block.of(Counter::dram_read_bursts) = energy.read * burst_bits;
        block.of(Counter::dram_write_bursts) = energy.write * burst_bits;
        const unsigned refreshes = ip::dram_refreshes(chip_.dram.organisation, chip_.dram.policy.refresh);
        if (refreshes > 0) block.of(Counter::dram_refreshes) = energy.refresh * 1e3 / refreshes;
        block.static_watts = chip_.dram.channels * energy.standby * 1e-3;
        block.static_kind = StaticKind::standby;
    }

    const scenario::ChipParameters& chip_;
    const scenario::TechnologyParameters& technology_;
    const scenario::Format format_;
    const ChipClocks clocks_;
    std::vector<Block> blocks_;
};

} // namespace

FpgaArea& FpgaArea::operator+=(const FpgaArea& other) {
    lut += other.lut;
    ff += other.ff;
    dsp += other.dsp;
    bram += other.bram;
    return *this;
}

double sram_byte_energy(const scenario::TechnologyParameters& technology, double capacity) {
    constexpr double reference = 8192;
    return technology.energy.sram_byte * technology.scale.sram_energy * std::sqrt(capacity / reference);
}

std::vector<Block> blocks_of(const scenario::ChipParameters& chip, scenario::Format format) {
    return Builder(chip, format).build();
}

std::vector<observe::BlockPower> power_of(const scenario::ChipParameters& chip, scenario::Format format) {
    const std::vector<Block> blocks = blocks_of(chip, format);
    return {blocks.begin(), blocks.end()};
}

} // namespace gradus::cost
