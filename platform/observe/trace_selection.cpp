// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/trace_selection.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <re2/re2.h>

#include "platform/observe/names.h"
#include "platform/scenario/nearest.h"

namespace gradus::observe {

namespace {

struct TimeUnit {
    std::string_view name;
    ip::Picoseconds picoseconds;
};
constexpr std::array<TimeUnit, 5> time_units{
    {{"ps", 1}, {"ns", 1'000}, {"us", 1'000'000}, {"ms", 1'000'000'000}, {"s", 1'000'000'000'000}}};

[[noreturn]] void fail_time(std::string_view text, const char* why) {
    throw std::invalid_argument(
        fmt::format("'{}' {}: a time is a number and ps, ns, us, ms or s, such as 1.5ms", text, why));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Exact, so without floating point: digit by digit, each worth a tenth of the one before behind the point.
ip::Picoseconds parse_time(std::string_view text) {
    constexpr ip::Picoseconds most = std::numeric_limits<ip::Picoseconds>::max() / 2;
    const std::size_t number =
        std::find_if(text.begin(), text.end(), [](char c) { return !is_digit(c) && c != '.'; }) - text.begin();
    const auto unit = std::find_if(time_units.begin(), time_units.end(),
                                   [&](const TimeUnit& each) { return each.name == text.substr(number); });
    const std::size_t point = std::min(text.find('.'), number);
    const bool one_point = text.find('.', point + 1) == std::string_view::npos;
    if (unit == time_units.end() || point == 0 || point + 1 == number || !one_point) fail_time(text, "is no time");
    ip::Picoseconds time = 0;
    for (std::size_t i = 0; i < point; ++i) {
        const auto digit = static_cast<ip::Picoseconds>(text[i] - '0');
        if (time > (most - digit) / 10) fail_time(text, "is too long");
        time = time * 10 + digit;
    }
    if (time > most / unit->picoseconds) fail_time(text, "is too long");
    time *= unit->picoseconds;
    ip::Picoseconds worth = unit->picoseconds;
    for (std::size_t i = point + 1; i < number; ++i) {
        if (text[i] != '0' && worth < 10) fail_time(text, "is finer than a picosecond");
        worth /= 10;
        time += worth * static_cast<ip::Picoseconds>(text[i] - '0');
    }
    return time;
}

std::string layer_name(std::size_t layer) { return fmt::format("layer{}", layer); }

bool has(const std::vector<bool>& found, std::size_t index) { return index < found.size() && found[index]; }

} // namespace

TimeWindow parse_time_window(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || text.size() == 1)
        throw std::invalid_argument(fmt::format("'{}' is no window: that is T0:T1, T0: or :T1, such as 1ms:2ms", text));
    TimeWindow window;
    window.text = text;
    if (colon > 0) window.begin = parse_time(text.substr(0, colon));
    if (colon + 1 < text.size()) window.end = parse_time(text.substr(colon + 1));
    if (window.begin >= window.end)
        throw std::invalid_argument(fmt::format("'{}' holds no time: it must end after it begins", text));
    return window;
}

TraceSelection::TraceSelection(TimeWindow window, const std::optional<std::string>& filter,
                               const std::vector<UnitInfo>& units, const std::vector<std::string>& curves,
                               const std::vector<schedule::Op>& ops)
    : window_(std::move(window)), filter_(filter) {
    if (!filter) return;
    if (filter->empty()) throw std::invalid_argument("an empty expression finds every name");
    RE2::Options options;
    options.set_log_errors(false);
    const RE2 expression(*filter, options);
    if (!expression.ok()) throw std::invalid_argument(expression.error());

    std::vector<std::string> names;
    bool any = false;
    const auto finds = [&](const std::string& name) {
        names.push_back(name);
        const bool found = RE2::PartialMatch(name, expression);
        any = any || found;
        return found;
    };
    const auto look = [&](std::vector<bool>& found, const std::string& name) { found.push_back(finds(name)); };
    std::size_t layers = 0;
    for (const UnitInfo& unit : units)
        look(units_, unit.name);
    for (const std::string& curve : curves)
        if (finds(curve)) curves_.insert(curve);
    for (unsigned phase = 0; phase < COMMAND_PHASES; ++phase)
        look(phases_, phase_name(static_cast<std::uint8_t>(phase)));
    for (const schedule::Op& op : ops) {
        look(ops_, op.name);
        if (op.image.layer != COMMAND_NO_LAYER) layers = std::max(layers, op.image.layer + std::size_t{1});
    }
    for (std::size_t layer = 0; layer < layers; ++layer)
        look(layers_, layer_name(layer));
    if (!any) nearest_miss_ = scenario::nearest(*filter, {names.begin(), names.end()});
}

bool TraceSelection::shows(ip::UnitId unit, const ip::Span& span) const {
    if (!window_.touches(span.begin, span.end)) return false;
    return !filter_ || has(units_, unit) || has(phases_, span.tag.phase) || has(ops_, span.tag.op) ||
           has(layers_, span.tag.layer);
}

} // namespace gradus::observe
