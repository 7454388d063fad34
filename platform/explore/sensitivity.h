// SPDX-License-Identifier: Apache-2.0
// What would help: every knob of a chip, and of its work, halved and doubled, one at a time, beside the chip as it is.
//
//   base ──► prepared ──► points: base, halves, doubles ──► results ──► chart by effect, elasticities, one sentence
//
// Speed is tokens a second. Measured is the last of a few steps, when the firmware has planned and booted; timing never
// depends on values, so nothing is computed (run.data = none), nothing is generated and no trace is written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "platform/explore/cost_figures.h"
#include "platform/explore/knobs.h"
#include "platform/explore/result_file.h"
#include "platform/process/pool.h"
#include "platform/report/terminal.h"

namespace gradus::explore {

inline constexpr unsigned measured_steps = 2;
/// A speed-up below that is "1.00x" in two decimals: nothing changed that is worth a word.
inline constexpr double shows_speedup = 1.005;

/// The scenario to measure `scenario`'s chip by. `steps` is 1 or more.
scenario::Scenario prepared(scenario::Scenario scenario, unsigned steps = measured_steps);

/// "names on tiny", fit for one line.
std::string title_of(const scenario::Scenario& scenario);

/// The step that is measured.
struct Measured {
    double step_ps = 0;
    double tokens_per_second = 0;
    std::string bound; ///< what bounds the run, as the summary says it
    CostValues cost{};
    std::vector<std::string> warnings{}; ///< of the result: clocks that the process does not reach
};
Measured measured(const ResultFile& result);

/// What a step does, beside the time it takes.
struct StepWork {
    double tokens = 0;
    double parameters = 0;
    double planned_bytes = 0; ///< in the DRAM
};
StepWork work_of(const ResultFile& result);

struct Turn {
    double factor = 1;
    std::optional<Measured> measured; ///< none: skipped
    double speedup = 1;               ///< tokens a second, relative to the chip as it is
    std::string skipped;              ///< why
    std::vector<std::string> changes;
    std::string why;                ///< of what should help and does not: what grew (cause.h); else empty
    std::optional<StepWork> work{}; ///< of a knob of the work
};

struct Effect {
    const Knob* knob = nullptr;
    Turn half;
    Turn twice;
    /// d ln throughput / d ln parameter, from the half to the double, or from the one of them there is.
    std::optional<double> elasticity;
    double swing() const; ///< |ln| of the larger effect of the two
    /// What the better side gives beyond the best of the knobs that this one contains: a larger array with a wider port
    /// that is 1.20x as fast, where the wider port alone gives 1.17x, is worth 1.03x.
    double net = 1;
    const Turn& better() const { return knob->more_is_better ? twice : half; }
};

struct Sensitivity {
    std::string name; ///< of the scenario and its chip
    Measured base;
    StepWork work;
    std::vector<Effect> effects; ///< the largest swing first; yardsticks last
    std::string sentence;        ///< "Twice the DRAM bandwidth gives 1.31x; ...: bound by DRAM bandwidth."
    /// What the sentence says; none: no knob alone helps much.
    const Effect* bound = nullptr;
};

/// Which points to simulate, and what they are.
class SensitivityStudy {
public:
    explicit SensitivityStudy(const scenario::Scenario& prepared_base);

    /// The base first.
    const std::vector<scenario::Scenario>& points() const { return points_; }
    /// `outcomes` as run_points() answers for points(). Throws std::runtime_error when the base failed; a turned chip
    /// that failed is skipped with its failure as the reason.
    Sensitivity evaluate(const std::vector<process::Outcome>& outcomes) const;

private:
    struct Plan {
        const Knob* knob;
        double factor;
        std::size_t point; ///< 0: skipped
        std::string skipped;
        std::vector<std::string> changes;
    };
    Turn turn_of(const Plan& plan, const std::vector<process::Outcome>& outcomes, const ResultFile& base) const;

    std::vector<scenario::Scenario> points_;
    std::vector<Plan> plans_; ///< half and double of each knob
};

/// "twice the DRAM bandwidth", "half all clocks".
std::string side_name(const Effect& effect, const Turn& turn);

/// A table of what each knob does to speed, area, power and energy: its better side, and the other side where that
/// saves area and hardly costs speed; warnings. Empty for a result without costs.
std::string cost_text(const Sensitivity& sensitivity, std::size_t width);
/// A tornado chart for the terminal.
std::string as_text(const Sensitivity& sensitivity, std::size_t width = report::usual_width);
/// Documented in doc/what-if.md.
nlohmann::ordered_json as_json(const Sensitivity& sensitivity);

} // namespace gradus::explore
