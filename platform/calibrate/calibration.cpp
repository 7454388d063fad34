// SPDX-License-Identifier: Apache-2.0
#include "platform/calibrate/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <set>

#include <fmt/format.h>

#include "platform/scenario/check.h"
#include "platform/scenario/nearest.h"
#include "platform/search/search.h"
#include "platform/validate/measure.h"

namespace gradus::calibrate {

namespace {

using scenario::ChipParameters;
using scenario::Parameter;
using scenario::Value;
using validate::MeasuredRow;

double number(const Value& value) {
    if (const auto* integer = std::get_if<std::uint64_t>(&value)) return static_cast<double>(*integer);
    return std::get<double>(value);
}

Value value_of(const Parameter& parameter, double number) {
    if (parameter.type() == scenario::Type::integer) return static_cast<std::uint64_t>(std::llround(number));
    return number;
}

bool is_fittable(const Parameter& parameter) {
    const scenario::Type type = parameter.type();
    return parameter.key.substr(0, 5) == "chip." && !parameter.power_of_two &&
           (type == scenario::Type::integer || type == scenario::Type::number);
}

/// From the least a key allows up to ten times its value and 16 more: a guess is wrong by a factor, not by several
/// orders of magnitude, and what was taken for nothing may be a few cycles.
search::Interval interval_of(const Parameter& parameter, const Value& value) {
    const double start = number(value);
    return {start, std::min(parameter.minimum, start), std::min(parameter.maximum, 10 * start + 16)};
}

ChipParameters with(const ChipParameters& chip, const std::vector<const Parameter*>& keys,
                    const std::vector<Value>& values) {
    scenario::Scenario scenario;
    scenario.chip = chip;
    for (std::size_t i = 0; i < keys.size(); ++i)
        keys[i]->set(scenario, values[i]);
    return scenario.chip;
}

double squared_log(double modelled, const MeasuredRow& row) {
    const double log = std::log(std::max(modelled, 1.0) / row.cycles);
    return log * log;
}

double mean_squared_log(const std::vector<double>& modelled, const std::vector<MeasuredRow>& rows) {
    double sum = 0;
    for (std::size_t i = 0; i < rows.size(); ++i)
        sum += squared_log(modelled[i], rows[i]);
    return sum / static_cast<double>(rows.size());
}

Objective objective_of(const std::vector<RowOutcome>& rows) {
    Objective objective;
    std::size_t fitted = 0;
    for (const RowOutcome& outcome : rows) {
        if (outcome.held_back) continue;
        ++fitted;
        objective.before += squared_log(outcome.before, outcome.row);
        objective.after += squared_log(outcome.after, outcome.row);
    }
    objective.before /= static_cast<double>(fitted);
    objective.after /= static_cast<double>(fitted);
    return objective;
}

} // namespace

std::vector<std::string> default_keys() {
    return {"chip.dma.setup_cycles", "chip.dma.issue_cycles", "chip.dram.front_end",
            "chip.engine.matrix.startup_cycles", "chip.engine.vector.startup_cycles"};
}

std::vector<const Parameter*> numeric_keys(const std::vector<std::string>& keys) {
    std::vector<const Parameter*> parameters;
    for (const std::string& key : keys) {
        const Parameter* parameter = scenario::find(key);
        if (!parameter) {
            throw CalibrationError(
                fmt::format("there is no key '{}'; nearest: '{}'", key, scenario::nearest(key, scenario::keys())));
        }
        if (!is_fittable(*parameter))
            throw CalibrationError(fmt::format("{} cannot be fitted: only numbers of [chip] that can take any value of "
                                               "a range can; it takes {}",
                                               key, parameter->allowed()));
        if (std::find(parameters.begin(), parameters.end(), parameter) != parameters.end())
            throw CalibrationError(fmt::format("{} comes twice", key));
        parameters.push_back(parameter);
    }
    if (parameters.empty()) throw CalibrationError("no key to fit");
    return parameters;
}

std::vector<bool> held_back(const std::vector<MeasuredRow>& rows, double fraction, std::uint64_t seed) {
    // What is run for a row, beside the part of it that counts: copies in and out are not the same.
    std::map<std::pair<schedule::OperatorKind, bool>, std::vector<std::size_t>> strata;
    for (std::size_t i = 0; i < rows.size(); ++i)
        strata[{rows[i].request.kind, rows[i].name == "copy_out"}].push_back(i);
    std::vector<bool> held(rows.size());
    std::mt19937_64 random(seed);
    for (auto& [kind, members] : strata) {
        // std::shuffle differs between libraries; this does not.
        for (std::size_t i = members.size(); i > 1; --i)
            std::swap(members[i - 1], members[random() % i]);
        const auto wanted = static_cast<std::size_t>(std::llround(fraction * static_cast<double>(members.size())));
        for (std::size_t i = 0; i < std::min(wanted, members.size() - 1); ++i)
            held[members[i]] = true;
    }
    return held;
}

Evaluator simulating_evaluator(const std::string& firmware, unsigned jobs) {
    return [firmware, jobs](const ChipParameters& chip, const std::vector<MeasuredRow>& rows) {
        std::vector<double> cycles(rows.size());
        process::Pool pool(jobs);
        for (std::size_t next = 0; next < rows.size() || pool.running();) {
            if (next < rows.size() && !pool.full()) {
                pool.start(next,
                           [&] { return fmt::format("{}", validate::modelled_cycles(chip, rows[next], firmware)); });
                ++next;
                continue;
            }
            const process::Outcome outcome = pool.wait();
            const MeasuredRow& row = rows[outcome.number];
            if (outcome.failure)
                throw validate::SimulationError(
                    fmt::format("{}: {} {}: {}", row.place, row.name, row.shape, *outcome.failure));
            cycles[outcome.number] = std::stod(outcome.answer);
        }
        return cycles;
    };
}

double Objective::factor_before() const { return std::exp(std::sqrt(before)); }
double Objective::factor_after() const { return std::exp(std::sqrt(after)); }

Verdict verdict_of(const Objective& objective) {
    constexpr double small = 0.05, kept = 0.9;
    const double before = std::sqrt(objective.before), after = std::sqrt(objective.after);
    if (before > 0 && after <= kept * before) return Verdict::fitted;
    return before <= small ? Verdict::nothing_to_gain : Verdict::unexplained;
}

Calibration calibrate(const Request& request, const Evaluator& evaluate) {
    std::vector<MeasuredRow> fitted_rows;
    for (std::size_t i = 0; i < request.rows.size(); ++i)
        if (!request.held_back[i]) fitted_rows.push_back(request.rows[i]);
    if (fitted_rows.empty()) throw CalibrationError("there is no row to fit to");

    std::vector<Value> before;
    std::vector<search::Interval> intervals;
    scenario::Scenario start;
    start.chip = request.chip;
    for (const Parameter* key : request.keys) {
        before.push_back(key->get(start));
        intervals.push_back(interval_of(*key, before.back()));
    }

    Calibration calibration;
    // Whole cycles: many points of the search are the same chip.
    std::map<std::vector<double>, double> known;
    std::vector<Value> best = before;
    double least = std::numeric_limits<double>::infinity();
    search::compass_search(
        intervals,
        [&](const std::vector<double>& point) {
            std::vector<Value> values;
            std::vector<double> numbers;
            for (std::size_t i = 0; i < point.size(); ++i) {
                values.push_back(value_of(*request.keys[i], point[i]));
                numbers.push_back(number(values.back()));
            }
            const auto found = known.find(numbers);
            if (found != known.end()) return found->second;
            const ChipParameters chip = with(request.chip, request.keys, values);
            double objective = std::numeric_limits<double>::max();
            if (!scenario::find_conflict(chip)) {
                objective = mean_squared_log(evaluate(chip, fitted_rows), fitted_rows);
                ++calibration.evaluations;
            }
            if (objective < least) {
                least = objective;
                best = values;
            }
            if (request.progress) request.progress(least);
            return known[numbers] = objective;
        },
        request.evaluations);

    calibration.chip = with(request.chip, request.keys, best);
    for (std::size_t i = 0; i < request.keys.size(); ++i)
        calibration.fitted.push_back({request.keys[i], before[i], best[i]});
    const std::vector<double> old_cycles = evaluate(request.chip, request.rows);
    const std::vector<double> new_cycles = evaluate(calibration.chip, request.rows);
    for (std::size_t i = 0; i < request.rows.size(); ++i)
        calibration.rows.push_back({request.rows[i], request.held_back[i], old_cycles[i], new_cycles[i]});
    calibration.objective = objective_of(calibration.rows);
    return calibration;
}

} // namespace gradus::calibrate
