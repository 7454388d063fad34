// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/variations.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "platform/explore/variation_labels.h"
#include "platform/report/human.h"
#include "platform/report/layout.h"

namespace gradus::explore {

namespace {

using Json = nlohmann::ordered_json;

/// "KEY=V1,V2" as {"KEY=V1", "KEY=V2"}.
std::vector<std::string> overrides_of(const std::string& varied) {
    const std::size_t equals = varied.find('=');
    if (equals == std::string::npos || equals == 0)
        throw VariationError(fmt::format("'{}' is not KEY=V1,V2,...", report::plain(varied, 80)));
    std::vector<std::string> overrides;
    for (std::size_t begin = equals + 1; begin <= varied.size();) {
        const std::size_t end = std::min(varied.find(',', begin), varied.size());
        if (end == begin) throw VariationError(fmt::format("'{}': a value is empty", report::plain(varied, 80)));
        overrides.push_back(varied.substr(0, equals + 1) + varied.substr(begin, end - begin));
        begin = end + 1;
    }
    if (overrides.empty()) throw VariationError(fmt::format("'{}' has no value", report::plain(varied, 80)));
    return overrides;
}

/// "bound by DMA: the channels are ..." as "DMA", below the title "bound".
std::string short_bound(const std::string& bound) {
    constexpr std::string_view begin = "bound by ";
    const std::size_t from = bound.compare(0, begin.size(), begin) == 0 ? begin.size() : 0;
    return bound.substr(from, bound.find(':') - from);
}

std::string name_of(const Variation& variation) {
    return variation.changes.empty() ? "as it is" : fmt::format("{}", fmt::join(variation.changes, " "));
}

std::vector<std::vector<std::string>> changes_of(const Variations& list) {
    std::vector<std::vector<std::string>> changes;
    for (const Variation& variation : list.points)
        changes.push_back(variation.changes);
    return changes;
}

constexpr double as_good = 1 / 1.01; ///< of the fastest

/// What is fastest, and the first in the order of the command line that is as good: who asks for 1, 2 and 4 of
/// something wants to know whether 2 will do.
std::string sentence_of(const Variations& list) {
    const Variation* best = nullptr;
    for (std::size_t i = 1; i < list.points.size(); ++i)
        if (list.points[i].measured && (!best || list.speedup(list.points[i]) > list.speedup(*best)))
            best = &list.points[i];
    if (!best) return "None of these chips can run it.";
    const double speedup = list.speedup(*best);
    const std::string bound = best->measured->bound.substr(0, best->measured->bound.find(':'));
    std::string text;
    if (speedup >= shows_speedup)
        text = fmt::format("{} gives {:.2f}x: {}", name_of(*best), speedup, bound);
    else if (speedup > 1 / shows_speedup)
        text = fmt::format("None of these values makes it faster; {} is as fast as it is", name_of(*best));
    else
        text =
            fmt::format("All of these values make it slower; {} is the fastest with {:.2f}x", name_of(*best), speedup);
    for (std::size_t i = 1; i < list.points.size() && &list.points[i] != best; ++i)
        if (list.points[i].measured && list.speedup(list.points[i]) >= as_good * speedup)
            return fmt::format("{}; {} is within 1 % of it.", text, name_of(list.points[i]));
    return text + ".";
}

std::string warnings_text(const Variations& variations) {
    std::string text;
    for (const Variation& variation : variations.points)
        if (variation.measured)
            for (const std::string& warning : variation.measured->warnings)
                text += fmt::format(" warning: {}: {}\n", report::plain(name_of(variation), 80), warning);
    return text;
}

} // namespace

double Variations::speedup(const Variation& point) const {
    return point.measured->tokens_per_second / points.front().measured->tokens_per_second;
}

std::vector<std::vector<std::string>> combinations(const std::vector<std::string>& varied) {
    std::vector<std::vector<std::string>> all{{}};
    for (const std::string& each : varied) {
        const std::vector<std::string> overrides = overrides_of(each);
        if (all.size() * overrides.size() > most_variations)
            throw VariationError(
                fmt::format("more than {} combinations are a matter for gradus sweep", most_variations));
        std::vector<std::vector<std::string>> longer;
        for (const std::vector<std::string>& combination : all)
            for (const std::string& override : overrides) {
                longer.push_back(combination);
                longer.back().push_back(override);
            }
        all = std::move(longer);
    }
    return all;
}

Variations variations(const scenario::Scenario& base, const std::vector<std::vector<std::string>>& combinations,
                      const std::vector<process::Outcome>& outcomes) {
    if (outcomes.at(0).failure) throw std::runtime_error(*outcomes[0].failure);
    Variations list{title_of(base), {}, {}};
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        Variation variation;
        if (i > 0) variation.changes = combinations.at(i - 1);
        if (outcomes[i].failure)
            variation.failure = *outcomes[i].failure;
        else
            variation.measured = measured(parse_result(name_of(variation), outcomes[i].answer));
        list.points.push_back(std::move(variation));
    }
    list.sentence = report::plain(sentence_of(list), 600);
    return list;
}

std::string as_text(const Variations& variations, std::size_t width) {
    using report::Table;
    const std::vector<std::string> labels = labels_of(changes_of(variations));
    // Words go to further lines, and none is cut.
    Table table({{"what if", Table::Align::left, 0, std::max<std::size_t>(16, longest_word(labels))},
                 {"a step", Table::Align::right, 9},
                 {"speed", Table::Align::right, 7},
                 {"area", Table::Align::right, 9},
                 {"a token", Table::Align::right, 9},
                 {"bound", Table::Align::prose}},
                1);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const Variation& variation = variations.points[i];
        const std::string name = report::plain(labels[i], labels[i].size());
        if (!variation.measured) {
            table.row({name, "-", "-", "-", "-", "failed: " + report::plain(variation.failure, 160)});
            continue;
        }
        const Measured& measured = *variation.measured;
        table.row({name, report::human_time(static_cast<ip::Picoseconds>(measured.step_ps)),
                   fmt::format("{:.3f}x", variations.speedup(variation)), text_of(measured.cost, "area_mm2"),
                   text_of(measured.cost, "token_j"), report::plain(short_bound(measured.bound), 60)});
    }
    return table.text(width) +
           report::fitted(fmt::format("{}\n → {}\n", warnings_text(variations), variations.sentence), width);
}

Json as_json(const Variations& variations) {
    Json json;
    json["schema"] = "gradus.whatif/1";
    json["name"] = variations.name;
    json["variations"] = Json::array();
    for (const Variation& variation : variations.points) {
        Json entry;
        entry["changes"] = variation.changes;
        if (variation.measured) {
            entry["step_ps"] = std::llround(variation.measured->step_ps);
            entry["tokens_per_second"] = variation.measured->tokens_per_second;
            entry["speedup"] = variations.speedup(variation);
            entry["bound"] = variation.measured->bound;
            entry["cost"] = as_json(variation.measured->cost);
            entry["warnings"] = variation.measured->warnings;
        } else {
            entry["failure"] = variation.failure;
        }
        json["variations"].push_back(std::move(entry));
    }
    json["sentence"] = variations.sentence;
    return json;
}

} // namespace gradus::explore
