// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/cost_figures.h"

namespace gradus::explore {

using Json = nlohmann::ordered_json;

const std::array<CostFigure, cost_figure_count>& cost_figures() {
    static constexpr std::array<CostFigure, cost_figure_count> all{{
        {"cost", "area", "area_mm2", Quantity::square_millimetres, "/area/total_mm2"},
        {"cost", "power", "average_w", Quantity::watts, "/steady/energy/average_w"},
        {"cost", "energy a step", "step_j", Quantity::joules, "/steady/energy/total_j"},
        {"cost", "chip's a step", "chip_step_j", Quantity::joules, "/steady/energy/chip_total_j"},
        {"cost", "energy a token", "token_j", Quantity::joules, "/steady/token_j"},
        {"cost", "chip's a token", "chip_token_j", Quantity::joules, "/steady/chip_token_j"},
        {"worth", "FLOPs in use", "flop_utilisation", Quantity::share, "/steady/flop_utilisation"},
        {"worth", "tokens a joule", "tokens_per_joule", Quantity::tokens_per_joule, "/steady/tokens_per_joule"},
        {"worth", "tokens/s a mm²", "tokens_per_second_mm2", Quantity::tokens_per_second_mm2,
         "/steady/tokens_per_second_mm2"},
    }};
    return all;
}

CostValues cost_of(const ResultFile& result) {
    CostValues cost;
    for (std::size_t i = 0; i < cost.size(); ++i) {
        const Json::json_pointer at(cost_figures()[i].pointer);
        if (result.result.contains(at) && result.result.at(at).is_number())
            cost[i] = result.result.at(at).get<double>();
    }
    return cost;
}

std::optional<double> value_of(const CostValues& cost, const std::string& key) {
    for (std::size_t i = 0; i < cost.size(); ++i)
        if (cost_figures()[i].key == key) return cost[i];
    return std::nullopt;
}

std::string text_of(const CostValues& cost, const std::string& key) {
    for (std::size_t i = 0; i < cost.size(); ++i)
        if (cost_figures()[i].key == key && cost[i]) return figure_text(cost_figures()[i].quantity, *cost[i]);
    return "-";
}

std::optional<double> relative_change(const CostValues& before, const CostValues& after, const std::string& key) {
    const auto from = value_of(before, key), to = value_of(after, key);
    if (!from || !to || *from == 0) return std::nullopt;
    return *to / *from - 1;
}

Json as_json(const CostValues& cost) {
    Json json;
    for (std::size_t i = 0; i < cost.size(); ++i)
        json[cost_figures()[i].key] = cost[i] ? Json(*cost[i]) : Json(nullptr);
    return json;
}

} // namespace gradus::explore
