// SPDX-License-Identifier: Apache-2.0
// A sensitivity as a tornado chart for the terminal and as JSON.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "platform/explore/sensitivity.h"
#include "platform/report/human.h"
#include "platform/report/layout.h"

namespace gradus::explore {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t elasticity_title = 10; // wider than the numbers below it

/// What there is room for.
struct Widths {
    std::size_t name = 20;
    std::size_t half = 14; ///< columns of the chart on each side of its axis; 0: no chart
    std::size_t speed = 8;
};

Widths widths_of(std::size_t screen) {
    Widths widths;
    const auto used = [&] {
        return 1 + widths.name + 1 + (widths.half ? 2 * widths.half + 2 : 0) + 2 * (widths.speed + 1) +
               elasticity_title;
    };
    constexpr std::size_t least_half = 4, least_name = 8;
    while (widths.half && used() > screen)
        widths.half = widths.half > least_half ? widths.half - 1 : 0;
    if (used() > screen) widths.speed = 6;
    while (widths.name > least_name && used() > screen)
        --widths.name;
    return widths;
}

std::string step_text(double ps) { return report::human_time(static_cast<ip::Picoseconds>(std::clamp(ps, 0.0, 9e18))); }

/// What makes the chip slower, growing to the left. There are no left-aligned eighths, so it grows by halves.
std::string left_bar(double share, std::size_t half_width) {
    const auto halves =
        static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * 2 * static_cast<double>(half_width)));
    std::string bar;
    if (halves % 2) bar += "▐";
    for (std::size_t i = 0; i < halves / 2; ++i)
        bar += "█";
    return report::right(bar, half_width);
}

/// What makes it faster, growing to the right.
std::string right_bar(double share, std::size_t half_width) {
    const auto halves =
        static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * 2 * static_cast<double>(half_width)));
    std::string bar;
    for (std::size_t i = 0; i < halves / 2; ++i)
        bar += "█";
    if (halves % 2) bar += "▌";
    return report::left(bar, half_width);
}

std::string speedup_text(const Turn& turn) { return turn.measured ? fmt::format("{:.3f}x", turn.speedup) : "-"; }

std::string elasticity_text(double elasticity) {
    return fmt::format("{:+.2f}", std::abs(elasticity) < 0.005 ? 0.0 : elasticity); // no "-0.00"
}

std::string line(const Widths& widths, const std::string& name, const std::string& slower, const std::string& faster,
                 const std::string& half, const std::string& twice, const std::string& elasticity) {
    const std::string chart = widths.half ? slower + "│" + faster + " " : "";
    return fmt::format(" {} {}{} {} {}\n", report::left(report::plain(name, widths.name), widths.name), chart,
                       report::right(half, widths.speed), report::right(twice, widths.speed),
                       report::right(elasticity, 6));
}

std::string line(const Widths& widths, const Effect& effect, double scale) {
    double slower = 0, faster = 0;
    for (const Turn* turn : {&effect.half, &effect.twice})
        if (turn->measured) {
            const double log = std::log(turn->speedup);
            slower = std::max(slower, -log);
            faster = std::max(faster, log);
        }
    return line(widths, std::string(effect.knob->name), left_bar(slower / scale, widths.half),
                right_bar(faster / scale, widths.half), speedup_text(effect.half), speedup_text(effect.twice),
                effect.elasticity ? elasticity_text(*effect.elasticity) : "-");
}

/// Where half and double are left out for the same reason, one line says so.
std::string skipped_text(const std::vector<Effect>& effects) {
    std::string text;
    const auto put = [&](std::string_view name, const std::string& why) {
        text += fmt::format(" {}: {}\n", name, report::plain(why, 160));
    };
    for (const Effect& effect : effects) {
        if (!effect.half.measured && !effect.twice.measured && effect.half.skipped == effect.twice.skipped) {
            put(effect.knob->name, effect.half.skipped);
            continue;
        }
        for (const Turn* turn : {&effect.half, &effect.twice})
            if (!turn->measured) put(side_name(effect, *turn), turn->skipped);
    }
    return text;
}

Json work_json(const StepWork& work) {
    return {{"tokens_per_step", work.tokens}, {"parameters", work.parameters}, {"planned_bytes", work.planned_bytes}};
}

/// What should help and makes it slower, with what grew.
std::string slower_text(const std::vector<Effect>& effects) {
    std::string text;
    for (const Effect& effect : effects)
        for (const Turn* turn : {&effect.half, &effect.twice})
            if (!turn->why.empty())
                text += fmt::format(" {}, {:.3f}x: {}\n", side_name(effect, *turn), turn->speedup, turn->why);
    return text;
}

/// What a knob of the work changes beside the speed.
std::string beside_text(const Sensitivity& sensitivity) {
    std::string text;
    for (const Effect& effect : sensitivity.effects)
        for (const Turn* turn : {&effect.half, &effect.twice}) {
            if (!turn->work) continue;
            const StepWork &from = sensitivity.work, &to = *turn->work;
            std::vector<std::string> parts;
            if (to.planned_bytes != from.planned_bytes)
                parts.push_back(fmt::format("{} planned in DRAM, was {}", report::human_bytes(to.planned_bytes),
                                            report::human_bytes(from.planned_bytes)));
            if (to.tokens != from.tokens)
                parts.push_back(fmt::format("{:.0f} tokens a step, was {:.0f}", to.tokens, from.tokens));
            if (to.parameters != from.parameters)
                parts.push_back(fmt::format("{} parameters, was {}", report::human_count(to.parameters),
                                            report::human_count(from.parameters)));
            text += fmt::format(" {}: {}\n", side_name(effect, *turn),
                                parts.empty() ? "nothing" : fmt::format("{}", fmt::join(parts, "; ")));
        }
    return text;
}

Json turn_json(const Turn& turn) {
    Json json;
    json["factor"] = turn.factor;
    if (turn.measured) {
        json["changes"] = turn.changes;
        json["step_ps"] = std::llround(turn.measured->step_ps);
        json["speedup"] = turn.speedup;
        json["bound"] = turn.measured->bound;
        if (!turn.why.empty()) json["why"] = turn.why;
        if (turn.work) json["work"] = work_json(*turn.work);
        json["cost"] = as_json(turn.measured->cost);
        json["warnings"] = turn.measured->warnings;
    } else {
        json["skipped"] = turn.skipped;
    }
    return json;
}

} // namespace

std::string as_text(const Sensitivity& sensitivity, std::size_t width) {
    const Widths widths = widths_of(width);
    double scale = std::log(1.1); // effects of a few percent are not to look like cliffs
    for (const Effect& effect : sensitivity.effects)
        scale = std::max(scale, effect.swing());
    std::string text =
        fmt::format(" {}: a step takes {}, {}\n\n", sensitivity.name, step_text(sensitivity.base.step_ps),
                    report::human_rate(sensitivity.base.tokens_per_second, "tokens"));
    text += line(widths, "speed with", report::right(widths.half < 6 ? "" : "slower", widths.half),
                 report::left(widths.half < 6 ? "" : "faster", widths.half), "half", "twice", "elasticity");
    for (const Effect& effect : sensitivity.effects)
        if (effect.half.measured || effect.twice.measured) text += line(widths, effect, scale);
    if (const std::string cost = cost_text(sensitivity, width); !cost.empty()) text += "\n" + cost;
    for (const auto& [title, list] : {std::pair{"what should help and does not", slower_text(sensitivity.effects)},
                                      {"what the work changes beside the speed", beside_text(sensitivity)},
                                      {"left out", skipped_text(sensitivity.effects)}})
        if (!list.empty()) text += fmt::format("\n {}\n{}", title, list);
    text += fmt::format("\n → {}\n   The run's own account: {}\n", sensitivity.sentence, sensitivity.base.bound);
    return report::fitted(text, width);
}

Json as_json(const Sensitivity& sensitivity) {
    Json json;
    json["schema"] = "gradus.sensitivity/1";
    json["name"] = sensitivity.name;
    json["step_ps"] = std::llround(sensitivity.base.step_ps);
    json["tokens_per_second"] = sensitivity.base.tokens_per_second;
    json["bound"] = sensitivity.base.bound;
    json["work"] = work_json(sensitivity.work);
    json["cost"] = as_json(sensitivity.base.cost);
    json["warnings"] = sensitivity.base.warnings;
    json["parameters"] = Json::array();
    for (const Effect& effect : sensitivity.effects) {
        Json entry;
        entry["name"] = effect.knob->name;
        entry["resource"] = effect.knob->bound.empty() ? Json(nullptr) : Json(effect.knob->bound);
        entry["keys"] = effect.knob->keys;
        entry["half"] = turn_json(effect.half);
        entry["twice"] = turn_json(effect.twice);
        entry["net_speedup"] = effect.better().measured ? Json(effect.net) : Json(nullptr);
        entry["elasticity"] = effect.elasticity ? Json(*effect.elasticity) : Json(nullptr);
        json["parameters"].push_back(std::move(entry));
    }
    json["bound_by"] = sensitivity.bound ? Json(sensitivity.bound->knob->bound) : Json(nullptr);
    json["sentence"] = sensitivity.sentence;
    return json;
}

} // namespace gradus::explore
