// SPDX-License-Identifier: Apache-2.0
// links: gradus_explore_points gradus_fuzz_toml
// Sweep files: every point that a sweep lists, draws or counts up to is one of its levels, and its scenario has them.
#include <algorithm>
#include <memory>
#include <set>

#include "platform/explore/sampling.h"
#include "platform/explore/sweep_file.h"
#include "platform/scenario/load.h"
#include "platform/scenario/schema.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/scenario_tree.h"

namespace {

using namespace gradus;
using explore::Choice;
using explore::Dimension;
using explore::Method;
using explore::Sweep;
using fuzz::claim;
using scenario::ScenarioError;

constexpr double most_points = 500;

void claim_dimensions(const Sweep& sweep) {
    claim(!sweep.dimensions.empty(), "something varies");
    for (const Dimension& dimension : sweep.dimensions) {
        claim(!dimension.levels.empty() && dimension.levels.size() <= 10'000, "a dimension has levels");
        const std::set<std::string> different(dimension.levels.begin(), dimension.levels.end());
        claim(different.size() == dimension.levels.size(), "levels of a dimension differ");
    }
    for (const auto& [key, target] : sweep.linked)
        claim(std::any_of(sweep.dimensions.begin(), sweep.dimensions.end(),
                          [&target = target](const Dimension& each) { return each.key == target; }),
              "a link follows what varies");
}

double points_of(const Sweep& sweep) {
    if (sweep.method != Method::grid) return static_cast<double>(std::max(sweep.points, sweep.listed.size()));
    double size = 1;
    for (const Dimension& dimension : sweep.dimensions)
        size *= static_cast<double>(dimension.levels.size());
    claim(size <= explore::most_points, "a grid is no larger than a sweep may be");
    return size;
}

void claim_value(const scenario::Scenario& scenario, const std::string& key, const std::string& value) {
    const scenario::Parameter* parameter = scenario::find(key);
    if (parameter) claim(scenario::to_string(parameter->get(scenario)) == value, "a point has the values it was given");
}

void claim_point(const Sweep& sweep, const Choice& choice) {
    claim(choice.size() == sweep.dimensions.size(), "a point chooses in every dimension");
    for (std::size_t i = 0; i < choice.size(); ++i)
        claim(choice[i] < sweep.dimensions[i].levels.size(), "a point chooses a level");
    const auto scenario = fuzz::read_or_refuse<ScenarioError>([&] { return explore::scenario_of(sweep, choice); });
    if (!scenario) return;
    for (const auto& [key, value] : sweep.fixed)
        claim_value(*scenario, key, value);
    for (std::size_t i = 0; i < choice.size(); ++i) {
        claim_value(*scenario, sweep.dimensions[i].key, sweep.dimensions[i].levels[choice[i]]);
        for (const auto& [key, target] : sweep.linked)
            if (target == sweep.dimensions[i].key) claim_value(*scenario, key, sweep.dimensions[i].levels[choice[i]]);
    }
}

std::shared_ptr<scenario::Files> files() {
    static const auto files = [] {
        auto tree = std::make_shared<scenario::Files>();
        fuzz::put_tree(*tree);
        return tree;
    }();
    return files;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(fuzz::text_of(data, size));
    auto sweep =
        fuzz::read_or_refuse<ScenarioError>([&] { return explore::parse_sweep(text, "/scenarios/sweeps/input.toml"); });
    if (!sweep) return 0;
    sweep->files = files();
    claim_dimensions(*sweep);
    claim(explore::definition(*sweep) == explore::definition(explore::parse_sweep(text, sweep->file)),
          "the same text is the same sweep");
    for (const std::string& path : explore::wanted_figures(*sweep))
        claim(sweep->places.count(path) == 1, "it is known where a figure was asked for");
    if (sweep->method == Method::nsga2) {
        claim(sweep->population % 4 == 0 && sweep->population >= 8 && sweep->objectives.size() >= 2,
              "a genetic search has a population and objectives");
        return 0;
    }
    if (points_of(*sweep) > most_points) return 0;
    const std::vector<Choice> points = explore::sampled_points(*sweep);
    claim(points.size() == static_cast<std::size_t>(points_of(*sweep)), "there are as many points as asked for");
    if (points.empty()) return 0;
    claim_point(*sweep, points.front());
    claim_point(*sweep, points.back());
    return 0;
}
