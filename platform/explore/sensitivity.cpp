// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/sensitivity.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

#include "platform/explore/cause.h"
#include "platform/report/human.h"

namespace gradus::explore {

namespace {

/// Below that a knob does not bound anything: a better one gives less than a twentieth.
constexpr double worth_naming = 1.05;

std::optional<double> elasticity(const Turn& half, const Turn& twice) {
    const double octave = std::log(2.0);
    if (half.measured && twice.measured) return std::log(twice.speedup / half.speedup) / (2 * octave);
    if (twice.measured) return std::log(twice.speedup) / octave;
    if (half.measured) return -std::log(half.speedup) / octave;
    return std::nullopt;
}

bool helps_more(const Effect* a, const Effect* b) { return a->net > b->net; }

void put_net(std::vector<Effect>& effects) {
    for (Effect& effect : effects) {
        double contained = 1;
        for (const Effect& other : effects)
            if (effect.knob->contains(*other.knob)) contained = std::max(contained, other.better().speedup);
        effect.net = effect.better().speedup / contained;
    }
}

/// Knobs whose better side was measured, what helps most by itself first.
std::vector<const Effect*> by_help(const std::vector<Effect>& effects) {
    std::vector<const Effect*> order;
    for (const Effect& effect : effects)
        if (!effect.knob->bound.empty() && effect.better().measured) order.push_back(&effect);
    std::stable_sort(order.begin(), order.end(), helps_more);
    return order;
}

std::string help_text(const Effect& effect, bool first) {
    const char* side = effect.knob->more_is_better ? (first ? "Twice" : "twice") : (first ? "Half" : "half");
    return fmt::format("{} the {}{} {:.2f}x", side, effect.knob->name, first ? " gives" : "", effect.better().speedup);
}

void put_sentence(Sensitivity& sensitivity) {
    constexpr std::size_t named = 3;
    const std::vector<const Effect*> order = by_help(sensitivity.effects);
    if (order.empty()) {
        sensitivity.sentence = "No parameter of this chip could be varied.";
        return;
    }
    std::string text;
    for (std::size_t i = 0; i < std::min(order.size(), named); ++i)
        if (order[i]->better().speedup >= shows_speedup)
            text += (text.empty() ? "" : "; ") + help_text(*order[i], text.empty());
    if (text.empty()) {
        sensitivity.sentence = "No parameter alone, halved or doubled, makes this chip faster.";
    } else if (order.front()->net >= worth_naming) {
        sensitivity.bound = order.front();
        sensitivity.sentence = fmt::format("{}: bound by {}.", text, order.front()->knob->bound);
    } else {
        sensitivity.sentence = fmt::format("{}: no parameter alone helps much.", text);
    }
}

} // namespace

scenario::Scenario prepared(scenario::Scenario scenario, unsigned steps) {
    scenario.run.steps = steps;
    scenario.run.generate = 0;
    scenario.run.data = scenario::DataPlane::none;
    scenario.run.trace = false;
    return scenario;
}

std::string title_of(const scenario::Scenario& scenario) {
    return report::plain(fmt::format("{} on {}", scenario.name, scenario.chip.name), 80);
}

Measured measured(const ResultFile& result) {
    if (!result.result.contains("steady")) throw ResultError(result.title + ": no step was finished");
    Measured measured{result.number("/steady/time_ps"), result.number("/steady/tokens_per_second"),
                      report::plain(result.text("/bound"), 400), cost_of(result)};
    if (result.result.contains("warnings"))
        for (const auto& warning : result.list("/warnings"))
            if (warning.is_string()) measured.warnings.push_back(report::plain(warning.get<std::string>(), 400));
    return measured;
}

StepWork work_of(const ResultFile& result) {
    StepWork work{result.number("/totals/tokens_per_step"), result.number("/totals/parameters"), 0};
    for (const char* kind : {"image", "parameters", "gradients", "moments", "constants", "activations"})
        work.planned_bytes += result.number(fmt::format("/memory_plan/{}_bytes", kind));
    return work;
}

double Effect::swing() const {
    double largest = 0;
    for (const Turn* turn : {&half, &twice})
        if (turn->measured) largest = std::max(largest, std::abs(std::log(turn->speedup)));
    return largest;
}

std::string side_name(const Effect& effect, const Turn& turn) {
    const bool all = effect.knob->name.substr(0, 4) == "all ";
    return fmt::format("{} {}{}", turn.factor < 1 ? "half" : "twice", all ? "" : "the ", effect.knob->name);
}

SensitivityStudy::SensitivityStudy(const scenario::Scenario& prepared_base) : points_{prepared_base} {
    for (const Knob& knob : knobs())
        for (const double factor : {0.5, 2.0}) {
            Turned turned = turn(prepared_base, knob, factor);
            Plan plan{&knob, factor, 0, std::move(turned.skipped), std::move(turned.changes)};
            if (turned.scenario) {
                plan.point = points_.size();
                points_.push_back(std::move(*turned.scenario));
            }
            plans_.push_back(std::move(plan));
        }
}

Turn SensitivityStudy::turn_of(const Plan& plan, const std::vector<process::Outcome>& outcomes,
                               const ResultFile& base) const {
    Turn turn{plan.factor, std::nullopt, 1, plan.skipped, plan.changes, {}};
    if (plan.point == 0) return turn;
    const process::Outcome& outcome = outcomes.at(plan.point);
    if (outcome.failure) {
        turn.skipped = *outcome.failure;
        return turn;
    }
    const ResultFile result = parse_result(std::string(plan.knob->name), outcome.answer);
    turn.measured = measured(result);
    turn.speedup = turn.measured->tokens_per_second / base.number("/steady/tokens_per_second");
    if (plan.knob->of_work()) {
        turn.work = work_of(result);
    } else if ((plan.factor > 1) == plan.knob->more_is_better && turn.speedup <= 1 / shows_speedup) {
        const auto before = step_path_of(base), after = step_path_of(result);
        if (before && after) turn.why = what_grew(cause_of(*before, *after));
    }
    return turn;
}

Sensitivity SensitivityStudy::evaluate(const std::vector<process::Outcome>& outcomes) const {
    const scenario::Scenario& base = points_.front();
    if (outcomes.at(0).failure) throw std::runtime_error(fmt::format("{}: {}", base.name, *outcomes[0].failure));
    Sensitivity sensitivity;
    sensitivity.name = title_of(base);
    const ResultFile as_it_is = parse_result(base.name, outcomes[0].answer);
    sensitivity.base = measured(as_it_is);
    sensitivity.work = work_of(as_it_is);
    for (std::size_t i = 0; i + 1 < plans_.size(); i += 2) {
        Effect effect;
        effect.knob = plans_[i].knob;
        effect.half = turn_of(plans_[i], outcomes, as_it_is);
        effect.twice = turn_of(plans_[i + 1], outcomes, as_it_is);
        effect.elasticity = elasticity(effect.half, effect.twice);
        sensitivity.effects.push_back(std::move(effect));
    }
    put_net(sensitivity.effects);
    std::stable_sort(sensitivity.effects.begin(), sensitivity.effects.end(), [](const Effect& a, const Effect& b) {
        if (a.knob->bound.empty() != b.knob->bound.empty()) return b.knob->bound.empty();
        return a.swing() > b.swing();
    });
    put_sentence(sensitivity);
    return sensitivity;
}

} // namespace gradus::explore
