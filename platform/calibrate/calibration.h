// SPDX-License-Identifier: Apache-2.0
// Fits named numbers of a chip to measured rows.
//
//   rows ──► split: fitted | held back ──► search over the fitted rows ──► errors of all rows, before and after
//
// The objective is the mean squared logarithm of modelled / measured cycles of the fitted rows: twice and half are
// equally wrong, and a short operator counts as much as a long one. Rows that are held back are never seen by the
// search; they tell whether the numbers found are the chip's or only those of the rows.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "platform/process/pool.h"
#include "platform/scenario/parameters.h"
#include "platform/scenario/schema.h"
#include "platform/validate/measured_row.h"

namespace gradus::calibrate {

/// A request that makes no sense, as one message for people.
class CalibrationError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What is fitted unless somebody asks for other keys: what an operator costs besides its work at peak rate.
std::vector<std::string> default_keys();

/// The keys of a chip that are numbers. Throws CalibrationError, with the nearest, for one that is none, and for one
/// that comes twice.
std::vector<const scenario::Parameter*> numeric_keys(const std::vector<std::string>& keys);

/// Which rows are held back: of every kind of operator that is run (scale and add_scalar are one) `fraction` of its
/// rows, rounded to the nearest, but never all of them; chosen by `seed`. 0 <= fraction < 1.
std::vector<bool> held_back(const std::vector<validate::MeasuredRow>& rows, double fraction, std::uint64_t seed);

struct Fitted {
    const scenario::Parameter* parameter = nullptr;
    scenario::Value before;
    scenario::Value after;
};

struct RowOutcome {
    validate::MeasuredRow row;
    bool held_back = false;
    double before = 0; ///< cycles
    double after = 0;
};

/// What the search makes small, of the fitted rows.
struct Objective {
    double before = 0; ///< mean of squared ln(modelled / measured)
    double after = 0;

    /// By what factor a row is typically off, up or down: the exponential of the objective's root.
    double factor_before() const;
    double factor_after() const;
};

enum class Verdict {
    fitted,          ///< the error has fallen by a tenth or more
    nothing_to_gain, ///< it has not, but it was small to begin with
    unexplained,     ///< it has not: no values of these keys come near what was measured
};

/// Error: the objective's root. Small: at most 0.05, which is a factor of 1.05.
Verdict verdict_of(const Objective& objective);

struct Calibration {
    std::vector<Fitted> fitted;
    std::vector<RowOutcome> rows; ///< in the order of the table
    Objective objective;
    unsigned evaluations = 0; ///< sets of simulations
    scenario::ChipParameters chip;
};

/// Modelled cycles of each of `rows` on `chip`.
using Evaluator =
    std::function<std::vector<double>(const scenario::ChipParameters&, const std::vector<validate::MeasuredRow>&)>;

/// Each row in a child, several at a time. Throws validate::SimulationError.
Evaluator simulating_evaluator(const std::string& firmware, unsigned jobs);

struct Request {
    scenario::ChipParameters chip;
    std::vector<const scenario::Parameter*> keys;
    std::vector<validate::MeasuredRow> rows;
    std::vector<bool> held_back;
    unsigned evaluations = 200;
    std::function<void(double objective)> progress = {}; ///< after every evaluation
};

/// Throws CalibrationError without rows to fit, and what `evaluate` throws.
Calibration calibrate(const Request& request, const Evaluator& evaluate);

} // namespace gradus::calibrate
