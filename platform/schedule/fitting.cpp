// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/fitting.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "platform/scenario/check.h"
#include "platform/scenario/parameters.h"
#include "platform/schedule/format.h"
#include "platform/schedule/schedule.h"

namespace gradus::schedule {
namespace {

using scenario::Scenario;

/// A change of a scenario, and how people set it; nothing when it is set already.
using Change = std::function<std::optional<std::string>(Scenario&)>;

template <typename Value>
std::optional<std::string> changed(Value& field, Value value, const char* setting) {
    if (std::exchange(field, value) == value) return std::nullopt;
    return setting;
}

std::optional<std::string> halved(unsigned& field, const char* key) {
    if (field < 2) return std::nullopt;
    field /= 2;
    return fmt::format("{}={}", key, field);
}

/// Where not all that can be is computed again already.
std::optional<std::string> recomputing(Scenario& s) {
    if (s.model.recompute == scenario::Recompute::full) return std::nullopt;
    return changed(s.model.recompute, scenario::Recompute::fit, "model.recompute=fit");
}

/// Micro-batches of half the sequences, which take half the activations and train on the same.
std::optional<std::string> half_as_many_twice(Scenario& s) {
    if (s.run.batch % 2 != 0 || s.run.accumulate > scenario::most_micro_batches / 2) return std::nullopt;
    s.run.batch /= 2;
    s.run.accumulate *= 2;
    return fmt::format("run.batch={} --set run.accumulate={}", s.run.batch, s.run.accumulate);
}

/// Those that change no number come first, those that change what is trained last.
std::vector<Change> changes() {
    return {
        [](Scenario& s) { return changed(s.model.attention, scenario::Form::fused, "model.attention=fused"); },
        [](Scenario& s) { return changed(s.model.head, scenario::Form::fused, "model.head=fused"); },
        recomputing,
        half_as_many_twice,
        [](Scenario& s) { return changed(s.model.precision, scenario::Precision::mixed, "model.precision=mixed"); },
        [](Scenario& s) {
            return changed(s.model.formats.moments, scenario::Format::bf16, "model.formats.moments=bf16");
        },
        [](Scenario& s) { return halved(s.model.context, "model.context"); },
        [](Scenario& s) { return changed(s.run.optimizer, scenario::OptimizerKind::sgd, "run.optimizer=sgd"); },
    };
}

struct Way {
    std::string settings; ///< empty: it is none
    std::uint64_t bytes = 0;
};

/// The changes whose bits are set, all together.
Way way(Scenario scenario, const std::vector<Change>& changes, unsigned chosen, const Planned& planned) {
    Way result;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        if ((chosen >> i & 1) == 0) continue;
        const auto setting = changes[i](scenario);
        if (!setting) return {};
        result.settings += (result.settings.empty() ? "--set " : " --set ") + *setting;
    }
    if (scenario::find_conflict(scenario)) return {};
    try {
        result.bytes = planned(scenario.model, scenario.run);
    } catch (const ScheduleError&) { // forms that this model cannot have
        return {};
    }
    return result;
}

std::string line(const Way& way) { return fmt::format("  {:<38}{:>12}\n", way.settings, format_bytes(way.bytes)); }

} // namespace

std::string ways_to_fit(const scenario::ModelParameters& model, const scenario::RunParameters& run,
                        std::uint64_t available, const Planned& planned) {
    Scenario scenario;
    scenario.model = model;
    scenario.run = run;
    const std::vector<Change> all = changes();
    unsigned chosen = 0;
    Way least;
    for (std::size_t many = 1; many <= all.size(); ++many) {
        std::string fitting;
        std::optional<Way> best;
        unsigned with_best = chosen;
        for (std::size_t i = 0; i < all.size(); ++i) {
            if ((chosen >> i & 1) != 0) continue;
            const Way found = way(scenario, all, chosen | 1u << i, planned);
            if (found.settings.empty()) continue;
            if (many == 1 && found.bytes <= available) fitting += line(found);
            if (best && best->bytes <= found.bytes) continue;
            best = found;
            with_best = chosen | 1u << i;
        }
        if (!fitting.empty()) return "it fits with any of\n" + fitting;
        if (!best) break;
        least = *best;
        chosen = with_best;
        if (least.bytes <= available) return "no single setting makes it fit; together these do\n" + line(least);
    }
    return "no settings make it fit; the least it takes is\n" + line(least);
}

} // namespace gradus::schedule
