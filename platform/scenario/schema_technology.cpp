// SPDX-License-Identifier: Apache-2.0
// The keys of chip.technology and chip.dram.energy. Their sources stand in scenarios/technology and scenarios/dram.
#include "platform/scenario/schema_table.h"

namespace gradus::scenario {

namespace {

constexpr auto technology = &ChipParameters::technology;

constexpr Range factor{0.001, 1000};
constexpr Range doubt{1, 100};
constexpr Range amount{0, 1e9};

template <auto section, auto member>
constexpr Reach of = at<chip, technology, section, member>;
template <auto member>
constexpr Reach dram_energy = at<chip, &ChipParameters::dram_energy, member>;

std::vector<Parameter> process() {
    using T = TechnologyParameters;
    using S = ProcessScale;
    constexpr auto scale = &T::scale;
    return {
        text("chip.technology.name", longest_name, at<chip, technology, &T::name>,
             "name in reports; empty: the name of the file that [technology] has as its base"),
        ranged("chip.technology.node_nm", "nm", {1, 1000}, at<chip, technology, &T::node_nm>,
               "process, for reports; what it changes stands in scale"),
        ranged("chip.technology.scale.logic_energy", "", factor, of<scale, &S::logic_energy>,
               "energy of logic, relative to 45 nm"),
        ranged("chip.technology.scale.sram_energy", "", factor, of<scale, &S::sram_energy>, "energy of SRAM"),
        ranged("chip.technology.scale.wire_energy", "", factor, of<scale, &S::wire_energy>, "energy of wires"),
        ranged("chip.technology.scale.logic_area", "", factor, of<scale, &S::logic_area>, "area of logic"),
        ranged("chip.technology.scale.sram_area", "", factor, of<scale, &S::sram_area>, "area of SRAM"),
        ranged("chip.technology.scale.leakage", "", factor, of<scale, &S::leakage>, "leakage of an area"),
        ranged("chip.technology.scale.speed", "", factor, of<scale, &S::speed>,
               "frequency of logic and SRAM at nominal voltage"),
        ranged("chip.technology.scale.uncertainty", "", doubt, of<scale, &S::uncertainty>,
               "factor by which these energies and the leakage may be off, either way"),
        ranged("chip.technology.scale.area_uncertainty", "", doubt, of<scale, &S::area_uncertainty>,
               "factor by which these areas may be off"),
        ranged("chip.technology.scale.speed_uncertainty", "", doubt, of<scale, &S::speed_uncertainty>,
               "factor by which this frequency may be off"),
    };
}

std::vector<Parameter> clocks() {
    using V = Voltage;
    using B = BlockSpeed;
    constexpr auto voltage = &TechnologyParameters::voltage;
    constexpr auto clock = &TechnologyParameters::clock;
    constexpr Range volts{0.1, 10};
    constexpr Range block_mhz{1, 1e6};
    return {
        ranged("chip.technology.voltage.nominal", "V", volts, of<voltage, &V::nominal>,
               "of logic and SRAM; the energies are of this voltage"),
        ranged("chip.technology.voltage.highest", "V", volts, of<voltage, &V::highest>,
               "that the process allows; it sets the highest frequency of every block"),
        ranged("chip.technology.voltage.threshold", "V", {0, 10}, of<voltage, &V::threshold>,
               "below it transistors do not conduct"),
        ranged("chip.technology.voltage.alpha", "", {1, 2}, of<voltage, &V::alpha>,
               "frequency grows as (voltage - threshold)^alpha / voltage"),
        ranged("chip.technology.clock.array_mhz", "MHz", block_mhz, of<clock, &B::array_mhz>,
               "an element of the array at nominal voltage, at 45 nm as all of these"),
        ranged("chip.technology.clock.lane_mhz", "MHz", block_mhz, of<clock, &B::lane_mhz>, "a lane"),
        ranged("chip.technology.clock.hart_mhz", "MHz", block_mhz, of<clock, &B::hart_mhz>,
               "hart, bus and peripherals"),
        ranged("chip.technology.clock.fabric_mhz", "MHz", block_mhz, of<clock, &B::fabric_mhz>, "data fabric and DMA"),
        ranged("chip.technology.clock.sram_ns", "ns", {0.001, 1e9}, of<clock, &B::sram_ns>,
               "an access to a macro, whatever its capacity"),
        ranged("chip.technology.clock.sram_line_ns", "ns", amount, of<clock, &B::sram_line_ns>,
               "an access to a macro of 8 KiB beside that; rises with the square root of the capacity"),
        ranged("chip.technology.clock.area_at_highest", "", {1, 100}, of<clock, &B::area_at_highest>,
               "area of logic at its highest frequency, relative to the area up to nominal voltage"),
    };
}

std::vector<Parameter> energies() {
    using E = EventEnergy;
    constexpr auto energy = &TechnologyParameters::energy;
    return {
        ranged("chip.technology.energy.mac_fp32", "pJ", amount, of<energy, &E::mac_fp32>,
               "multiply-accumulate of the matrix unit, at 45 nm as all of these"),
        ranged("chip.technology.energy.mac_bf16", "pJ", amount, of<energy, &E::mac_bf16>,
               "the same with bf16 operands and an fp32 sum"),
        ranged("chip.technology.energy.register_byte", "pJ", amount, of<energy, &E::register_byte>,
               "a byte moves on by one register of the array"),
        ranged("chip.technology.energy.lane_simple", "pJ", amount, of<energy, &E::lane_simple>,
               "multiply-add, comparison or selection of a lane"),
        ranged("chip.technology.energy.lane_exp", "pJ", amount, of<energy, &E::lane_exp>, "exponential or logarithm"),
        ranged("chip.technology.energy.lane_reciprocal", "pJ", amount, of<energy, &E::lane_reciprocal>, "reciprocal"),
        ranged("chip.technology.energy.lane_root", "pJ", amount, of<energy, &E::lane_root>,
               "square root or its reciprocal"),
        ranged("chip.technology.energy.sram_byte", "pJ", amount, of<energy, &E::sram_byte>,
               "a byte read or written in a macro of 8 KiB; rises with the square root of the capacity"),
        ranged("chip.technology.energy.wire_byte_mm", "pJ", amount, of<energy, &E::wire_byte_mm>,
               "a byte over a millimetre"),
        ranged("chip.technology.energy.crossbar_byte", "pJ", amount, of<energy, &E::crossbar_byte>,
               "a byte through the fabric's switches"),
        ranged("chip.technology.energy.instruction", "pJ", amount, of<energy, &E::instruction>,
               "of the hart, its fetch and its own memory accesses included"),
    };
}

std::vector<Parameter> areas() {
    using A = BlockArea;
    using L = Leakage;
    constexpr auto area = &TechnologyParameters::area;
    constexpr auto leakage = &TechnologyParameters::leakage;
    return {
        ranged("chip.technology.area.mac_fp32", "um2", amount, of<area, &A::mac_fp32>,
               "an element of the array, at 45 nm as all of these"),
        ranged("chip.technology.area.mac_bf16", "um2", amount, of<area, &A::mac_bf16>, "the same for bf16 operands"),
        ranged("chip.technology.area.lane", "um2", amount, of<area, &A::lane>,
               "a multiply-adder of a lane, with its operand registers"),
        ranged("chip.technology.area.lane_special", "um2", amount, of<area, &A::lane_special>,
               "exponentials, reciprocals and roots of a lane"),
        ranged("chip.technology.area.sram_bit", "um2", amount, of<area, &A::sram_bit>,
               "a bit of a macro, periphery included"),
        ranged("chip.technology.area.crosspoint_byte", "um2", amount, of<area, &A::crosspoint_byte>,
               "of the fabric, for every pair of initiator and target"),
        ranged("chip.technology.area.hart_mm2", "mm2", amount, of<area, &A::hart_mm2>,
               "hart without its SRAM, with bus and peripherals"),
        ranged("chip.technology.area.dma_channel_mm2", "mm2", amount, of<area, &A::dma_channel_mm2>,
               "DMA channel without its buffer"),
        ranged("chip.technology.leakage.logic", "mW/mm2", amount, of<leakage, &L::logic>,
               "leakage and ungated clock, at 45 nm"),
        ranged("chip.technology.leakage.sram", "mW/mm2", amount, of<leakage, &L::sram>, "the same for SRAM"),
    };
}

std::vector<Parameter> doubts() {
    using U = Uncertainty;
    constexpr auto uncertainty = &TechnologyParameters::uncertainty;
    return {
        ranged("chip.technology.uncertainty.matrix", "", doubt, of<uncertainty, &U::matrix>,
               "factor by which the figures of this block may be off, either way"),
        ranged("chip.technology.uncertainty.vector", "", doubt, of<uncertainty, &U::vector>, "of the vector unit"),
        ranged("chip.technology.uncertainty.sram", "", doubt, of<uncertainty, &U::sram>, "of scratchpad and SRAM"),
        ranged("chip.technology.uncertainty.fabric", "", doubt, of<uncertainty, &U::fabric>, "of the fabric"),
        ranged("chip.technology.uncertainty.hart", "", doubt, of<uncertainty, &U::hart>, "of the hart"),
        ranged("chip.technology.uncertainty.leakage", "", doubt, of<uncertainty, &U::leakage>, "of leakage"),
        ranged("chip.technology.uncertainty.area", "", doubt, of<uncertainty, &U::area>,
               "of areas and of an FPGA's resources"),
        ranged("chip.technology.uncertainty.clock", "", doubt, of<uncertainty, &U::clock>,
               "of frequencies and access times"),
    };
}

/// The three keys of a block. Keys outlive the table, as literals do.
template <auto block>
void add_resources(std::vector<Parameter>& all, std::string_view lut, std::string_view ff, std::string_view dsp,
                   std::string_view help) {
    constexpr auto fpga = &TechnologyParameters::fpga;
    all.push_back(ranged(lut, "LUTs", amount, at<chip, technology, fpga, block, &Resources::lut>, help));
    all.push_back(ranged(ff, "flip-flops", amount, at<chip, technology, fpga, block, &Resources::ff>, help));
    all.push_back(ranged(dsp, "DSPs", amount, at<chip, technology, fpga, block, &Resources::dsp>, help));
}

std::vector<Parameter> fpga_resources() {
    using F = FpgaResources;
    constexpr auto fpga = &TechnologyParameters::fpga;
    std::vector<Parameter> all = {
        boolean("chip.technology.fpga.enabled", of<fpga, &F::enabled>,
                "the chip is an FPGA: resources instead of mm2, static power instead of leakage"),
        ranged("chip.technology.fpga.bram_bytes", "bytes", {1, 1e9}, of<fpga, &F::bram_bytes>, "of one block RAM"),
        ranged("chip.technology.fpga.static_mw", "mW", amount, of<fpga, &F::static_mw>, "of the whole device"),
    };
    add_resources<&F::mac_fp32>(all, "chip.technology.fpga.mac_fp32.lut", "chip.technology.fpga.mac_fp32.ff",
                                "chip.technology.fpga.mac_fp32.dsp", "an element of the array");
    add_resources<&F::mac_bf16>(all, "chip.technology.fpga.mac_bf16.lut", "chip.technology.fpga.mac_bf16.ff",
                                "chip.technology.fpga.mac_bf16.dsp", "the same for bf16 operands");
    add_resources<&F::lane>(all, "chip.technology.fpga.lane.lut", "chip.technology.fpga.lane.ff",
                            "chip.technology.fpga.lane.dsp", "a multiply-adder of a lane, with its other functions");
    add_resources<&F::hart>(all, "chip.technology.fpga.hart.lut", "chip.technology.fpga.hart.ff",
                            "chip.technology.fpga.hart.dsp", "hart, bus and peripherals");
    add_resources<&F::dma_channel>(all, "chip.technology.fpga.dma_channel.lut", "chip.technology.fpga.dma_channel.ff",
                                   "chip.technology.fpga.dma_channel.dsp", "DMA channel");
    add_resources<&F::dram_channel>(all, "chip.technology.fpga.dram_channel.lut",
                                    "chip.technology.fpga.dram_channel.ff", "chip.technology.fpga.dram_channel.dsp",
                                    "DRAM controller and PHY of a channel");
    add_resources<&F::crosspoint_byte>(
        all, "chip.technology.fpga.crosspoint_byte.lut", "chip.technology.fpga.crosspoint_byte.ff",
        "chip.technology.fpga.crosspoint_byte.dsp", "of the fabric, for every pair of initiator and target");
    return all;
}

} // namespace

std::vector<Parameter> dram_energy_parameters() {
    using D = DramEnergy;
    return {
        ranged("chip.dram.energy.activate", "pJ", amount, dram_energy<&D::activate>,
               "a row opened and closed, in all devices of a channel"),
        ranged("chip.dram.energy.read", "pJ/bit", amount, dram_energy<&D::read>, "interface included"),
        ranged("chip.dram.energy.write", "pJ/bit", amount, dram_energy<&D::write>, "interface included"),
        ranged("chip.dram.energy.refresh", "nJ", amount, dram_energy<&D::refresh>,
               "all banks of a pseudo channel once; one bank takes its share"),
        ranged("chip.dram.energy.standby", "mW", amount, dram_energy<&D::standby>, "of a channel, always"),
        ranged("chip.dram.energy.phy_mm2", "mm2", amount, dram_energy<&D::phy_mm2>,
               "controller and PHY of a channel on the chip, whatever its process"),
        ranged("chip.dram.energy.uncertainty", "", doubt, dram_energy<&D::uncertainty>,
               "factor by which these may be off, either way"),
    };
}

std::vector<Parameter> technology_parameters() {
    std::vector<Parameter> all = process();
    for (const auto& section : {clocks(), energies(), areas(), doubts(), fpga_resources()})
        all.insert(all.end(), section.begin(), section.end());
    return all;
}

} // namespace gradus::scenario
