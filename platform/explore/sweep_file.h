// SPDX-License-Identifier: Apache-2.0
// SWEEP.toml: a scenario, the keys that vary, how to search, and what is looked for. doc/sweeps.md explains every key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "platform/scenario/files.h"
#include "platform/scenario/parameters.h"

namespace gradus::explore {

/// A key and the values it takes, in order, spelled as in an override.
struct Dimension {
    std::string key;
    std::vector<std::string> levels;
};

/// The number of a level, for each dimension: one point.
using Choice = std::vector<std::size_t>;

enum class Method { grid, list, random, latin_hypercube, nsga2, descent };
const char* name_of(Method method);

struct Objective {
    std::string path; ///< of a figure of result.json: "totals.tokens_per_second"
    bool maximise = false;
};

struct Constraint {
    std::string path;
    bool at_most = true; ///< else at least
    double limit = 0;
};

struct Sweep {
    std::filesystem::path file;
    std::string scenario;                                    ///< as written: relative to `file`
    std::vector<std::pair<std::string, std::string>> fixed;  ///< key, value
    std::vector<std::pair<std::string, std::string>> linked; ///< key, the varied key whose value it takes
    std::vector<Dimension> dimensions;
    std::vector<Choice> listed; ///< with Method::list
    Method method = Method::grid;
    std::uint64_t seed = 1;
    std::size_t points = 0;      ///< random, latin_hypercube; descent: to start from
    std::size_t population = 0;  ///< nsga2: a multiple of 4
    std::size_t generations = 0; ///< nsga2
    bool clock_limits = true;    ///< chips whose clocks their process does not reach are infeasible
    std::vector<Objective> objectives;
    std::vector<Constraint> constraints;
    std::vector<std::string> figures; ///< to be listed beside those of objectives and constraints
    /// What scenarios are made of: as it was when the sweep began.
    std::shared_ptr<scenario::Files> files = std::make_shared<scenario::Files>();
    std::map<std::string, std::string> places; ///< path of a figure: "file:line" where it was asked for first
};

/// A sweep of more points is refused.
inline constexpr std::size_t most_points = 100'000;

/// Throws scenario::ScenarioError: file, line, key, what is allowed.
Sweep read_sweep(const std::filesystem::path& file);
/// The same of what stands in the file.
Sweep parse_sweep(const std::string& text, const std::filesystem::path& file);

/// Everything in a sweep that its results depend on, as text. Two sweeps with the same text are the same.
std::string definition(const Sweep& sweep);

/// The scenario of a point, without a trace; of an empty choice with what is fixed alone. Throws ScenarioError for one
/// that breaks the rules of scenarios.
scenario::Scenario scenario_of(const Sweep& sweep, const Choice& choice);

/// The paths of all figures wanted: of objectives, then of constraints, then the others; each once.
std::vector<std::string> wanted_figures(const Sweep& sweep);

} // namespace gradus::explore
