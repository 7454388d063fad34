// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <fmt/format.h>

#include "platform/process/pool.h"
#include "platform/scenario/load.h"
#include "platform/validate/check.h"
#include "platform/validate/measure.h"
#include "platform/validate/measured_row.h"

namespace gradus::validate {

Reference check_lean_engine(const Places& places) {
    const Table table(places.scenarios + "/validation/lean.csv");
    const scenario::ChipParameters chip = scenario::load_chip(places.scenarios + "/chips/lean-calibrated.toml");
    Reference reference = described_by(table);
    const std::vector<MeasuredRow> rows = measured_rows(table);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const MeasuredRow& row = rows[i];
        const std::string quantity =
            fmt::format("{} {}, {} MHz: cycles", row.name, row.shape, row.clock_mhz.value_or(chip.clock_mhz));
        const double tolerance = table.number(i, "tolerance");
        try {
            const std::string cycles = process::in_child(
                [&] { return fmt::format("{}", std::round(modelled_cycles(chip, row, places.firmware))); });
            reference.checks.push_back({quantity, row.cycles, std::stod(cycles), tolerance});
        } catch (const std::runtime_error& error) {
            throw SimulationError(fmt::format("{}: {}", quantity, error.what()));
        }
    }
    return reference;
}

} // namespace gradus::validate
