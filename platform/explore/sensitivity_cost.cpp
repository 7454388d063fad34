// SPDX-License-Identifier: Apache-2.0
// What the knobs of a sensitivity cost, beside what they do to speed.
#include <cmath>

#include <fmt/format.h>

#include "platform/explore/sensitivity.h"
#include "platform/report/human.h"
#include "platform/report/layout.h"

namespace gradus::explore {

namespace {

/// The other side of a knob is worth a line when it saves that share of the area and keeps that share of the speed.
constexpr double saves = 0.01;
constexpr double as_fast = 0.99;

std::string change_text(std::optional<double> change) {
    if (!change) return "-";
    const double percent = 100 * *change;
    return fmt::format("{:+.{}f} %", std::abs(percent) < 0.05 ? 0.0 : percent, std::abs(percent) < 10 ? 1 : 0);
}

/// An FPGA has no area.
std::string base_text(const CostValues& base) {
    const std::string area = value_of(base, "area_mm2") ? text_of(base, "area_mm2") + ", " : "";
    return fmt::format(" As it is: {}{}, {} a token, the array does {} of the FLOPs it could.\n\n", area,
                       text_of(base, "average_w"), text_of(base, "token_j"), text_of(base, "flop_utilisation"));
}

/// Of turned chips those that the chip as it is does not have.
std::string warnings_text(const Sensitivity& sensitivity) {
    std::string text;
    for (const std::string& warning : sensitivity.base.warnings)
        text += fmt::format(" warning: {}\n", warning);
    for (const Effect& effect : sensitivity.effects)
        for (const Turn* turn : {&effect.half, &effect.twice})
            if (turn->measured && turn->measured->warnings != sensitivity.base.warnings)
                for (const std::string& warning : turn->measured->warnings)
                    text += fmt::format(" warning: {}: {}\n", side_name(effect, *turn), warning);
    return text;
}

} // namespace

std::string cost_text(const Sensitivity& sensitivity, std::size_t width) {
    using report::Table;
    const CostValues& base = sensitivity.base.cost;
    if (!value_of(base, "token_j")) return {};
    Table table({{"what it costs", Table::Align::left, 0, 16}, {"speed"}, {"area"}, {"power"}, {"energy a token"}}, 1);
    const auto put = [&](const Effect& effect, const Turn& turn) {
        table.row({side_name(effect, turn), fmt::format("{:.3f}x", turn.speedup),
                   change_text(relative_change(base, turn.measured->cost, "area_mm2")),
                   change_text(relative_change(base, turn.measured->cost, "average_w")),
                   change_text(relative_change(base, turn.measured->cost, "token_j"))});
    };
    for (const Effect& effect : sensitivity.effects)
        if (effect.better().measured) put(effect, effect.better());
    for (const Effect& effect : sensitivity.effects) {
        const Turn& other = effect.knob->more_is_better ? effect.half : effect.twice;
        if (other.measured && other.speedup >= as_fast &&
            relative_change(base, other.measured->cost, "area_mm2").value_or(0) <= -saves)
            put(effect, other);
    }
    return report::fitted(base_text(base), width) + table.text(width) +
           report::fitted(warnings_text(sensitivity), width);
}

} // namespace gradus::explore
