// SPDX-License-Identifier: Apache-2.0
// The models against what is known about them from elsewhere: closed forms, other simulators, other programs, hardware.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platform/validate/table.h"

namespace gradus::validate {

/// One quantity.
struct Check {
    std::string quantity; ///< "4x4 array, 16x64x16: cycles"
    double expected = 0;
    double ours = 0;
    /// Largest relative error allowed; none: the error is reported, and nobody is judged.
    std::optional<double> tolerance;

    /// Relative to what is expected.
    double error() const;
    bool failed() const;
};

struct Reference {
    std::string name;
    std::string source;
    std::string compared;
    std::string note;
    std::vector<Check> checks;
};

/// Where things are.
struct Places {
    std::string scenarios; ///< the folder scenarios/, with validation/ in it
    std::string firmware;  ///< the training firmware
};

/// Name, source and so on of a table, no checks yet.
Reference described_by(const Table& table);

// Each throws TableError, scenario::ScenarioError, SimulationError.
Reference check_systolic_arrays(const Places& places);
Reference check_dram(const Places& places);
Reference check_losses(const Places& places);
Reference check_lean_engine(const Places& places);

/// All of them, in this order.
std::vector<Reference> check_everything(const Places& places);

} // namespace gradus::validate
