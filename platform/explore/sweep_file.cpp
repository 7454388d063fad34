// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/sweep_file.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "platform/scenario/nearest.h"
#include "platform/scenario/toml_file.h"

namespace gradus::explore {

namespace {

namespace fs = std::filesystem;
using scenario::converted;
using scenario::fail;
using scenario::Parameter;
using scenario::shown;
using scenario::Type;

constexpr std::size_t most_levels = 10'000;
constexpr std::size_t most_path_parts = 16;
constexpr const char* method_names[] = {"grid", "list", "random", "latin_hypercube", "nsga2", "descent"};

/// "chip.base", "chip.dram.base": names a file, as in scenarios.
bool is_base(const std::string& key) {
    constexpr std::string_view suffix = ".base";
    return key.size() > suffix.size() && key.substr(key.size() - suffix.size()) == suffix &&
           scenario::is_section(key.substr(0, key.size() - suffix.size()));
}

/// Digits behind the point in the shortest text of a number: 2 for 0.25, 6 for 1.5e-05, 0 for 1e+20.
int decimals_of(double number) {
    const std::string text = fmt::format("{}", number);
    const std::size_t exponent = text.find('e');
    const std::size_t point = std::min(text.find('.'), text.size());
    const std::size_t end = std::min(exponent, text.size());
    const int digits = point < end ? static_cast<int>(end - point) - 1 : 0;
    return std::max(0, digits - (exponent == std::string::npos ? 0 : std::atoi(text.c_str() + exponent + 1)));
}

/// Without what the binary sums of decimal steps leave behind: 1.1 + 0.1 is 1.2000000000000002, and 1.2 is meant.
double with_decimals(double number, int decimals) {
    return std::strtod(fmt::format("{:.{}f}", number, decimals).c_str(), nullptr);
}

class Reader {
public:
    Reader(const std::string& text, const fs::path& file) : file_(file), table_(scenario::parse(text, file)) {
        sweep_.file = file;
    }

    Sweep read() {
        require_known(
            table_, {"scenario", "set", "vary", "link", "point", "search", "objectives", "constraints", "figures"}, "");
        sweep_.scenario = text_of(required(table_, "scenario", file_.string()), "scenario");
        read_search();
        walk_keys("set", [this](const std::string& key, const toml::node& node) {
            sweep_.fixed.emplace_back(key, value_of(key, node));
        });
        walk_keys("vary", [this](const std::string& key, const toml::node& node) {
            sweep_.dimensions.push_back({key, levels_of(key, node)});
        });
        walk_keys("link", [this](const std::string& key, const toml::node& node) { read_link(key, node); });
        read_points();
        walk_figures("objectives",
                     [this](const std::string& path, const toml::node& node) { read_objective(path, node); });
        walk_figures("constraints",
                     [this](const std::string& path, const toml::node& node) { read_constraint(path, node); });
        read_figures();
        check();
        return sweep_;
    }

private:
    using Use = std::function<void(const std::string&, const toml::node&)>;

    std::string place(const toml::node& node) const { return scenario::place_of(node, file_); }

    void require_known(const toml::table& table, const std::vector<std::string_view>& known,
                       const std::string& where) const {
        for (const auto& [key, node] : table)
            if (std::find(known.begin(), known.end(), key.str()) == known.end())
                fail("{}: unknown key '{}{}'; nearest: '{}'", place(node), where, shown(key.str()),
                     scenario::nearest(key.str(), known));
    }

    static const toml::node& required(const toml::table& table, const char* key, const std::string& where) {
        const toml::node* node = table.get(key);
        if (!node) fail("{}: '{}' is missing", where, key);
        return *node;
    }

    std::string text_of(const toml::node& node, const char* key) const {
        const auto* text = node.as_string();
        if (!text) fail("{}: {} takes a text, not {}", place(node), key, shown(node));
        return text->get();
    }

    const toml::table* section(const char* name) const {
        const toml::node* node = table_.get(name);
        if (node && !node->is_table()) fail("{}: {} is a section, not {}", place(*node), name, shown(*node));
        return node ? node->as_table() : nullptr;
    }

    /// Keys of scenarios, dotted or in sections.
    void walk_keys(const char* name, const Use& use) const {
        if (const toml::table* table = section(name)) walk_keys(*table, "", use);
    }
    void walk_keys(const toml::table& table, const std::string& outer, const Use& use) const {
        for (const auto& [name, node] : table) {
            const std::string key = outer.empty() ? std::string(name.str()) : fmt::format("{}.{}", outer, name.str());
            if (node.is_table() && scenario::is_section(key))
                walk_keys(*node.as_table(), key, use);
            else if (is_base(key) || scenario::find(key))
                use(key, node);
            else
                scenario::fail_unknown(place(node), key, node.is_table());
        }
    }

    /// Paths of figures, dotted or in sections; whether they exist shows when the first point has run.
    void walk_figures(const char* name, const Use& use) const {
        if (const toml::table* table = section(name)) walk_figures(*table, "", 1, use);
    }
    void walk_figures(const toml::table& table, const std::string& outer, std::size_t parts, const Use& use) const {
        for (const auto& [name, node] : table) {
            if (parts > most_path_parts)
                fail("{}: the path of a figure has more than {} parts", place(node), most_path_parts);
            const std::string path = outer.empty() ? std::string(name.str()) : fmt::format("{}.{}", outer, name.str());
            if (node.is_table())
                walk_figures(*node.as_table(), path, parts + 1, use);
            else
                use(path, node);
        }
    }

    void note_place(const std::string& path, const toml::node& node) { sweep_.places.emplace(path, place(node)); }

    std::string value_of(const std::string& key, const toml::node& node) const {
        const Parameter* parameter = scenario::find(key);
        if (!parameter) return text_of(node, key.c_str());
        std::string value = scenario::to_string(converted(node, *parameter, place(node)));
        if (key == "run.text" && value != "synthetic")
            value = fs::absolute(scenario::folder_of(file_) / value).lexically_normal().string();
        return value;
    }

    std::vector<std::string> levels_of(const std::string& key, const toml::node& node) const {
        std::vector<std::string> levels;
        if (const toml::array* list = node.as_array()) {
            for (const toml::node& each : *list)
                levels.push_back(value_of(key, each));
        } else if (node.is_table()) {
            levels = range_of(key, *node.as_table());
        } else {
            fail("{}: {} varies over a list of values, or {{from, to, step}}, or {{from, to, scale = \"log2\"}}; not "
                 "over {}",
                 place(node), key, shown(node));
        }
        if (levels.empty() || levels.size() > most_levels)
            fail("{}: {} varies over {} values; allowed is 1 .. {}", place(node), key, levels.size(), most_levels);
        std::set<std::string_view> different;
        for (const std::string& level : levels)
            if (!different.insert(level).second) fail("{}: {} takes {} twice", place(node), key, shown(level));
        return levels;
    }

    double number_of(const toml::table& table, const char* name, const std::string& key) const {
        const toml::node& node = required(table, name, place(table) + ": " + key);
        const auto value = node.value<double>();
        if (!value || !std::isfinite(*value))
            fail("{}: {}.{} takes a number, not {}", place(node), key, name, shown(node));
        return *value;
    }

    std::vector<std::string> range_of(const std::string& key, const toml::table& range) const {
        const std::string at = place(range);
        require_known(range, {"from", "to", "step", "scale"}, key + ".");
        const Parameter* parameter = scenario::find(key);
        if (!parameter || (parameter->type() != Type::integer && parameter->type() != Type::number))
            fail("{}: {} is no number; it varies over a list of values", at, key);
        const double from = number_of(range, "from", key);
        const double to = number_of(range, "to", key);
        const toml::node* scale = range.get("scale");
        if (scale && (text_of(*scale, "scale") != "log2" || range.contains("step")))
            fail("{}: {}: a range has a step or scale = \"log2\"", at, key);
        const double step = scale ? 0 : number_of(range, "step", key);
        if (from > to || (scale ? from <= 0 : step <= 0))
            fail("{}: {}: a range goes up, from .. to, with a step above 0 or doubling from above 0", at, key);
        const double count =
            1 + (scale ? std::floor(std::log2(to / from) + 1e-9) : std::floor((to - from) / step + 1e-9));
        if (count > most_levels) fail("{}: {}: the range holds more than {} values", at, key, most_levels);
        const int decimals = std::max(decimals_of(from), decimals_of(step));
        std::vector<std::string> levels;
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
            const double level = scale ? std::ldexp(from, static_cast<int>(i))
                                       : with_decimals(from + step * static_cast<double>(i), decimals);
            levels.push_back(range_level(*parameter, level, at));
        }
        return levels;
    }

    static std::string range_level(const Parameter& parameter, double level, const std::string& at) {
        if (parameter.type() == Type::number)
            return scenario::to_string(converted(toml::value<double>(level), parameter, at));
        if (level != std::floor(level) || std::abs(level) > 9e15)
            fail("{}: {}: {} is no integer", at, parameter.key, level);
        return scenario::to_string(
            converted(toml::value<std::int64_t>(static_cast<std::int64_t>(level)), parameter, at));
    }

    void read_link(const std::string& key, const toml::node& node) {
        const std::string target = text_of(node, key.c_str());
        std::vector<std::string_view> varied;
        for (const Dimension& dimension : sweep_.dimensions)
            varied.push_back(dimension.key);
        if (std::find(varied.begin(), varied.end(), target) == varied.end())
            fail("{}: {} follows a key of [vary], not '{}'; nearest: '{}'", place(node), key, shown(target),
                 scenario::nearest(target, varied));
        if (is_base(key) || is_base(target) || scenario::find(key)->type() != scenario::find(target)->type())
            fail("{}: {} and {} hold different kinds of values", place(node), key, target);
        sweep_.linked.emplace_back(key, target);
    }

    /// [[point]]: each level of a dimension is a value that some point has.
    void read_points() {
        const toml::node* node = table_.get("point");
        if (!node) return;
        const toml::array* points = node->as_array();
        if (!points || sweep_.method != Method::list || !sweep_.dimensions.empty())
            fail("{}: [[point]] lists the points of search.method = \"list\", which has no [vary]", place(*node));
        for (const toml::node& point : *points) {
            std::map<std::string, std::string> values;
            if (!point.is_table()) fail("{}: a [[point]] holds keys of the scenario", place(point));
            walk_keys(*point.as_table(), "",
                      [&](const std::string& key, const toml::node& value) { values[key] = value_of(key, value); });
            add_point(values, place(point));
        }
    }

    void add_point(const std::map<std::string, std::string>& values, const std::string& at) {
        if (sweep_.listed.empty())
            for (const auto& [key, value] : values)
                sweep_.dimensions.push_back({key, {}});
        Choice choice;
        for (Dimension& dimension : sweep_.dimensions) {
            const auto found = values.find(dimension.key);
            if (found == values.end()) fail("{}: the point has no {}, which the first one has", at, dimension.key);
            const auto level = std::find(dimension.levels.begin(), dimension.levels.end(), found->second);
            choice.push_back(static_cast<std::size_t>(level - dimension.levels.begin()));
            if (level == dimension.levels.end()) dimension.levels.push_back(found->second);
        }
        if (values.size() != choice.size()) fail("{}: the point has keys that the first one has not", at);
        sweep_.listed.push_back(std::move(choice));
    }

    std::size_t count_of(const toml::table& table, const char* name, std::int64_t least, std::int64_t most) const {
        const toml::node& node = required(table, name, fmt::format("{}: search", place(table)));
        const auto* value = node.as_integer();
        if (!value || value->get() < least || value->get() > most)
            fail("{}: search.{} takes an integer, {} .. {}, not {}", place(node), name, least, most, shown(node));
        return static_cast<std::size_t>(value->get());
    }

    void read_search() {
        const toml::table* search = section("search");
        if (!search) return;
        require_known(*search, {"method", "seed", "points", "population", "generations", "clock_limits"}, "search.");
        if (const toml::node* method = search->get("method")) {
            const std::string name = text_of(*method, "search.method");
            const auto* found = std::find(std::begin(method_names), std::end(method_names), name);
            if (found == std::end(method_names))
                fail("{}: search.method = '{}': allowed is one of {}; nearest: {}", place(*method), shown(name),
                     fmt::join(method_names, ", "),
                     scenario::nearest(name, {std::begin(method_names), std::end(method_names)}));
            sweep_.method = static_cast<Method>(found - std::begin(method_names));
        }
        if (const toml::node* limits = search->get("clock_limits")) {
            const auto* value = limits->as_boolean();
            if (!value) fail("{}: search.clock_limits takes true or false, not {}", place(*limits), shown(*limits));
            sweep_.clock_limits = value->get();
        }
        const bool samples = sweep_.method == Method::random || sweep_.method == Method::latin_hypercube ||
                             sweep_.method == Method::descent;
        const bool evolves = sweep_.method == Method::nsga2;
        refuse(*search, "seed", samples || evolves);
        refuse(*search, "points", samples);
        refuse(*search, "population", evolves);
        refuse(*search, "generations", evolves);
        if (search->contains("seed")) sweep_.seed = count_of(*search, "seed", 0, 0xffff'ffff);
        if (samples) sweep_.points = count_of(*search, "points", 1, most_points);
        if (!evolves) return;
        sweep_.population = count_of(*search, "population", 8, 10'000);
        sweep_.generations = count_of(*search, "generations", 1, 10'000);
        if (sweep_.population % 4)
            fail("{}: search.population = {}: allowed is a multiple of 4", place(*search->get("population")),
                 sweep_.population);
    }

    void refuse(const toml::table& search, const char* name, bool used) const {
        if (const toml::node* node = search.get(name); node && !used)
            fail("{}: search.{} means nothing with search.method = \"{}\"", place(*node), name, name_of(sweep_.method));
    }

    void read_objective(const std::string& path, const toml::node& node) {
        const std::string direction = text_of(node, path.c_str());
        if (direction != "minimise" && direction != "maximise")
            fail("{}: {} = '{}': allowed is minimise, maximise; nearest: {}", place(node), path, shown(direction),
                 scenario::nearest(direction, {"minimise", "maximise"}));
        note_place(path, node);
        sweep_.objectives.push_back({path, direction == "maximise"});
    }

    void read_constraint(const std::string& path, const toml::node& node) {
        const std::string rule = text_of(node, path.c_str());
        const std::string number = rule.size() > 2 ? rule.substr(2) : "";
        char* end = nullptr;
        const double limit = std::strtod(number.c_str(), &end);
        const bool known = rule.substr(0, 2) == "<=" || rule.substr(0, 2) == ">=";
        if (!known || number.empty() || *end || !std::isfinite(limit))
            fail("{}: {} = '{}': allowed is \"<= NUMBER\", \">= NUMBER\"", place(node), path, shown(rule));
        note_place(path, node);
        sweep_.constraints.push_back({path, rule[0] == '<', limit});
    }

    void read_figures() {
        const toml::node* node = table_.get("figures");
        if (!node) return;
        if (!node->is_array()) fail("{}: figures takes a list of paths, not {}", place(*node), shown(*node));
        for (const toml::node& path : *node->as_array()) {
            sweep_.figures.push_back(text_of(path, "figures"));
            note_place(sweep_.figures.back(), path);
        }
    }

    void check() {
        const std::string where = file_.string();
        if (sweep_.dimensions.empty()) fail("{}: nothing varies: [vary] or [[point]] is missing", where);
        if (sweep_.method == Method::list && sweep_.listed.empty())
            fail("{}: search.method = \"list\" takes its points from [[point]]", where);
        if (sweep_.method == Method::nsga2 && sweep_.objectives.size() < 2)
            fail("{}: search.method = \"nsga2\" weighs at least two [objectives] against each other; for one there is "
                 "\"descent\"",
                 where);
        if (sweep_.method == Method::descent && sweep_.objectives.size() != 1)
            fail("{}: search.method = \"descent\" looks for the best of one of the [objectives], not of {}", where,
                 sweep_.objectives.size());
        std::map<std::string, const char*> seen;
        const auto once = [&](const std::string& key, const char* name) {
            if (const auto [found, fresh] = seen.emplace(key, name); !fresh)
                fail("{}: {} stands in [{}] and in [{}]", where, key, found->second, name);
        };
        for (const auto& [key, value] : sweep_.fixed)
            once(key, "set");
        for (const Dimension& dimension : sweep_.dimensions)
            once(dimension.key, "vary");
        for (const auto& [key, target] : sweep_.linked)
            once(key, "link");
        double size = 1;
        for (const Dimension& dimension : sweep_.dimensions)
            size *= static_cast<double>(dimension.levels.size());
        if (sweep_.method == Method::grid && size > most_points)
            fail("{}: the grid has {:.3g} points; allowed are {}", where, size, most_points);
    }

    fs::path file_;
    toml::table table_;
    Sweep sweep_;
};

} // namespace

const char* name_of(Method method) { return method_names[static_cast<std::size_t>(method)]; }

Sweep read_sweep(const fs::path& file) { return parse_sweep(scenario::read_text(file, ""), file); }

Sweep parse_sweep(const std::string& text, const fs::path& file) { return Reader(text, file).read(); }

std::string definition(const Sweep& sweep) {
    std::string text =
        fmt::format("scenario {}\nmethod {} seed {} points {} population {} generations {}\n", sweep.scenario,
                    name_of(sweep.method), sweep.seed, sweep.points, sweep.population, sweep.generations);
    for (const auto& [key, value] : sweep.fixed)
        text += fmt::format("set {} = {}\n", key, value);
    for (const Dimension& dimension : sweep.dimensions)
        text += fmt::format("vary {} = {}\n", dimension.key, fmt::join(dimension.levels, ", "));
    for (const auto& [key, target] : sweep.linked)
        text += fmt::format("link {} = {}\n", key, target);
    for (const Choice& choice : sweep.listed)
        text += fmt::format("point {}\n", fmt::join(choice, ", "));
    for (const Objective& objective : sweep.objectives)
        text += fmt::format("{} {}\n", objective.maximise ? "maximise" : "minimise", objective.path);
    for (const Constraint& constraint : sweep.constraints)
        text +=
            fmt::format("constraint {} {} {}\n", constraint.path, constraint.at_most ? "<=" : ">=", constraint.limit);
    for (const std::string& figure : sweep.figures)
        text += fmt::format("figure {}\n", figure);
    if (!sweep.clock_limits) text += "clock limits do not count\n";
    return text;
}

scenario::Scenario scenario_of(const Sweep& sweep, const Choice& choice) {
    const fs::path folder = scenario::folder_of(sweep.file);
    std::vector<std::string> overrides;
    const auto add = [&](const std::string& key, const std::string& value) {
        overrides.push_back(
            scenario::as_override(key, is_base(key) ? (folder / value).lexically_normal().string() : value));
    };
    for (const auto& [key, value] : sweep.fixed)
        add(key, value);
    for (std::size_t i = 0; i < choice.size(); ++i) {
        const Dimension& dimension = sweep.dimensions[i];
        add(dimension.key, dimension.levels[choice[i]]);
        for (const auto& [key, target] : sweep.linked)
            if (target == dimension.key) add(key, dimension.levels[choice[i]]);
    }
    scenario::Scenario scenario = sweep.files->load((folder / sweep.scenario).lexically_normal(), overrides);
    scenario.run.trace = false; // nobody reads it, and it changes no figure
    return scenario;
}

std::vector<std::string> wanted_figures(const Sweep& sweep) {
    std::vector<std::string> paths;
    const auto add = [&](const std::string& path) {
        if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
    };
    for (const Objective& objective : sweep.objectives)
        add(objective.path);
    for (const Constraint& constraint : sweep.constraints)
        add(constraint.path);
    for (const std::string& figure : sweep.figures)
        add(figure);
    return paths;
}

} // namespace gradus::explore
