// SPDX-License-Identifier: Apache-2.0
// What an event costs in energy and a block in area. The defaults are those of scenarios/technology/cmos-45nm.toml,
// where every figure has its source.
#pragma once

#include <string>

namespace gradus::scenario {

/// What has to be multiplied with figures at 45 nm to get those of another process.
struct ProcessScale { // chip.technology.scale
    double logic_energy = 1;
    double sram_energy = 1;
    double wire_energy = 1;
    double logic_area = 1;
    double sram_area = 1;
    double leakage = 1; ///< of an area
    double speed = 1;   ///< of logic and SRAM at nominal voltage
    // Factors: the truth is between estimate / factor and estimate * factor.
    double uncertainty = 1; ///< of energies and leakage
    double area_uncertainty = 1;
    double speed_uncertainty = 1;
};

/// One supply feeds all of the chip but its DRAM. Volts, but for the exponent.
struct Voltage { // chip.technology.voltage
    double nominal = 0.9;
    double highest = 1.1;
    double threshold = 0.35;
    double alpha = 1.3; ///< of the alpha-power law: frequency ~ (voltage - threshold)^alpha / voltage
};

/// How fast blocks are at 45 nm and nominal voltage.
struct BlockSpeed { // chip.technology.clock
    double array_mhz = 1000;
    double lane_mhz = 1000;
    double hart_mhz = 1000;
    double fabric_mhz = 700;       ///< and of the DMA
    double sram_ns = 0.42;         ///< of an access, whatever the macro's capacity
    double sram_line_ns = 0.195;   ///< of an access to 8 KiB beside that; rises with the square root of the capacity
    double area_at_highest = 1.25; ///< area of logic at the highest frequency, relative to the one at nominal voltage
};

/// At 45 nm, in pJ.
struct EventEnergy { // chip.technology.energy
    double mac_fp32 = 4.6;
    double mac_bf16 = 1.5;
    double register_byte = 0.08; ///< a byte moves on by one register of the array
    double lane_simple = 4.6;
    double lane_exp = 32;
    double lane_reciprocal = 18;
    double lane_root = 23;
    double sram_byte = 1.25; ///< of a macro of 8 KiB; rises with the square root of the capacity
    double wire_byte_mm = 0.96;
    double crossbar_byte = 0.5;
    double instruction = 50; ///< of the hart, its fetch and its own memory accesses included
};

/// At 45 nm, in µm² but for what says mm².
struct BlockArea { // chip.technology.area
    double mac_fp32 = 12'400;
    double mac_bf16 = 5'400;
    double lane = 15'000;         ///< of one multiply-adder of a lane, with its operand registers
    double lane_special = 12'000; ///< exponentials, reciprocals and roots of a lane
    double sram_bit = 0.6;
    double crosspoint_byte = 100; ///< of the fabric, for every pair of initiator and target
    double hart_mm2 = 0.14;
    double dma_channel_mm2 = 0.04;
};

/// At 45 nm, in mW a mm².
struct Leakage { // chip.technology.leakage
    double logic = 25;
    double sram = 15;
};

/// Factors: the truth is between estimate / factor and estimate * factor, if the process is the one of the figures.
struct Uncertainty { // chip.technology.uncertainty
    double matrix = 2;
    double vector = 1.7;
    double sram = 1.6;
    double fabric = 2;
    double hart = 1.7;
    double leakage = 3;
    double area = 1.7;
    double clock = 1.5;
};

/// Of an FPGA's fabric.
struct Resources {
    double lut = 0;
    double ff = 0;
    double dsp = 0;
};

struct FpgaResources {    // chip.technology.fpga
    bool enabled = false; ///< resources instead of mm², a device's static power instead of leakage
    Resources mac_fp32{350, 550, 4};
    Resources mac_bf16{280, 400, 3};
    Resources lane{900, 1200, 7}; ///< of one multiply-adder of a lane, with its share of the other functions
    Resources hart{8000, 5000, 16};
    Resources dma_channel{3000, 4000, 0};
    Resources dram_channel{13'000, 16'000, 3};
    Resources crosspoint_byte{10, 16, 0};
    double bram_bytes = 4608;
    double static_mw = 3000;
};

struct TechnologyParameters { // chip.technology
    std::string name;
    double node_nm = 45;
    ProcessScale scale;
    Voltage voltage;
    BlockSpeed clock;
    EventEnergy energy;
    BlockArea area;
    Leakage leakage;
    Uncertainty uncertainty;
    FpgaResources fpga;
};

/// Of one channel, with all devices on it. The defaults are those of DDR3-800 on one device of 16 bits.
struct DramEnergy {         // chip.dram.energy
    double activate = 2200; ///< pJ: ACT and PRE of one row
    double read = 26;       ///< pJ a bit, interface included
    double write = 22;      ///< pJ a bit
    double refresh = 47;    ///< nJ: all banks of a pseudo channel once
    double standby = 52;    ///< mW: always, beside what happens
    double phy_mm2 = 2;     ///< controller and PHY on the chip, whatever its process
    double uncertainty = 1.5;
};

} // namespace gradus::scenario
