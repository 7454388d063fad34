// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include <fmt/format.h>

#include "platform/scenario/clocks.h"
#include "platform/validate/measure.h"
#include "platform/validate/measured_row.h"

namespace gradus::validate {

namespace {

ip::Picoseconds time_ps(const nlohmann::ordered_json& entry, MeasuredPart part) {
    switch (part) {
    case MeasuredPart::whole:
        break;
    case MeasuredPart::load:
        return entry.at("load_ps");
    case MeasuredPart::store:
        return entry.at("store_ps");
    case MeasuredPart::matrix: {
        const auto& usage = entry.at("units_ps").at("matrix");
        return usage.at("busy").get<ip::Picoseconds>() + usage.at("memory").get<ip::Picoseconds>();
    }
    }
    return entry.at("time_ps");
}

} // namespace

double modelled_cycles(const scenario::ChipParameters& chip, const MeasuredRow& row, const std::string& firmware) {
    if ((row.part == MeasuredPart::load || row.part == MeasuredPart::store) && chip.dma.channels != 1)
        throw std::runtime_error(fmt::format("{} is known of chips with one DMA channel only", row.name));
    scenario::ChipParameters clocked = chip;
    if (row.clock_mhz) clocked.clock_mhz = *row.clock_mhz;
    const auto entry = measure_here(clocked, row.request, scenario::DataPlane::none, firmware);
    return scenario::chip_clock(clocked).cycles(time_ps(entry, row.part));
}

} // namespace gradus::validate
