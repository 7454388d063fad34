// SPDX-License-Identifier: Apache-2.0
// Something known from elsewhere, and how far the models are from it.
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

/// Name, source and so on of a table, no checks yet.
Reference described_by(const Table& table);

} // namespace gradus::validate
