// SPDX-License-Identifier: Apache-2.0
#include "platform/report/human.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>

#include <fmt/format.h>

namespace gradus::report {

namespace {

// `value` over `size` with so many decimals, half of the last one rounded up. What fmt and JavaScript make of halves
// differs; the pages (html/page/format.js) work this out in the same steps, so that a figure has the same digits
// everywhere.
std::string fixed(double value, double size, int decimals) {
    constexpr std::array<double, 4> scales = {1, 10, 100, 1000};
    const double scale = scales.at(static_cast<std::size_t>(decimals));
    return fmt::format("{:.{}f}", std::floor(value * scale / size + 0.5) / scale, decimals);
}

// Decimals that make four significant digits.
int decimals_of(double value) { return value < 9.9995 ? 3 : value < 99.995 ? 2 : value < 999.95 ? 1 : 0; }

// Four significant digits of a value below 1000 in its unit; rounding up to 1000 moves on to the next unit.
std::string scaled(double value, std::initializer_list<const char*> units) {
    if (!std::isfinite(value) || value < 0) return "-";
    double size = 1;
    const char* last = *(units.end() - 1);
    for (const char* unit : units) {
        const double inside = value / size;
        if (inside < 999.95 || unit == last)
            return fmt::format("{} {}", fixed(value, size, std::max(1, decimals_of(inside))), unit);
        size *= 1000;
    }
    return "-";
}

} // namespace

std::string human_time(ip::Picoseconds time) {
    if (time == 0) return "0 s";
    return scaled(static_cast<double>(time), {"ps", "ns", "µs", "ms", "s"});
}

std::string human_seconds(double seconds) {
    if (!(seconds >= 0) || seconds > 1e9) return "-";
    if (seconds < 1) return human_time(static_cast<ip::Picoseconds>(std::llround(seconds * 1e12)));
    if (seconds < 59.5) return fmt::format("{:.{}f} s", seconds, seconds < 9.95 ? 1 : 0);
    const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
    if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

std::string human_bytes(double bytes) {
    if (bytes >= 0 && bytes < 1000) return fixed(bytes, 1, 0) + " B";
    return scaled(bytes, {"B", "kB", "MB", "GB", "TB", "PB"});
}

std::string human_capacity(ip::Bytes bytes) {
    constexpr std::array<const char*, 5> units = {"B", "KiB", "MiB", "GiB", "TiB"};
    const auto value = static_cast<double>(bytes);
    double size = 1;
    std::size_t unit = 0;
    for (; unit + 1 < units.size() && value / size >= 1023.5; ++unit)
        size *= 1024;
    std::string text = fixed(value, size, decimals_of(value / size));
    if (text.find('.') != std::string::npos) text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return fmt::format("{} {}", text, units[unit]);
}

std::string human_count(double count) {
    if (count >= 0 && count < 10000 && count == std::floor(count)) return fmt::format("{:.0f}", count);
    std::string text = scaled(count, {"", "k", "M", "G", "T", "P"});
    if (text.back() == ' ') text.pop_back();
    return text;
}

std::string human_rate(double per_second, const char* unit) {
    if (std::string_view(unit) == "B") return human_bytes(per_second) + "/s";
    std::string text = scaled(per_second, {"", "k", "M", "G", "T", "P"});
    if (text.back() != ' ') text += ' ';
    return text + unit + "/s";
}

std::string human_percent(double share) {
    if (!std::isfinite(share)) return "-";
    const double percent = std::abs(share * 100);
    if (percent > 0 && percent < 0.05) return "<0.1 %";
    return fmt::format("{}{} %", share < 0 ? "-" : "", fixed(percent, 1, 1));
}

std::string human_energy(double joules) {
    if (joules == 0) return "0 J";
    return scaled(joules * 1e15, {"fJ", "pJ", "nJ", "µJ", "mJ", "J", "kJ", "MJ"});
}

std::string human_power(double watts) {
    if (watts == 0) return "0 W";
    return scaled(watts * 1e6, {"µW", "mW", "W", "kW"});
}

std::string human_loss(double loss, int decimals) {
    if (std::isnan(loss)) return "nan"; // whose sign means nothing
    if (std::isinf(loss)) return loss > 0 ? "inf" : "-inf";
    return std::abs(loss) < 1000 ? fmt::format("{:.{}f}", loss, decimals) : fmt::format("{:.3e}", loss);
}

std::size_t columns(std::string_view text) {
    std::size_t count = 0;
    bool escape = false;
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (escape) {
            escape = !(byte >= 'a' && byte <= 'z');
        } else if (byte == 0x1b) {
            escape = true;
        } else if ((byte & 0xc0) != 0x80) {
            ++count;
        }
    }
    return count;
}

std::string left(std::string_view text, std::size_t width) {
    const std::size_t used = columns(text);
    return std::string(text) + std::string(used < width ? width - used : 0, ' ');
}

std::string right(std::string_view text, std::size_t width) {
    const std::size_t used = columns(text);
    return std::string(used < width ? width - used : 0, ' ') + std::string(text);
}

std::string bar(double share, std::size_t width) {
    constexpr std::array<const char*, 8> eighths = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const double inside = std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0.0;
    const auto filled = static_cast<std::size_t>(std::lround(inside * static_cast<double>(width * 8)));
    std::string text;
    for (std::size_t column = 0; column < width; ++column) {
        const std::size_t start = column * 8;
        text += filled >= start + 8 ? "█" : filled > start ? eighths[filled - start] : " ";
    }
    return text;
}

} // namespace gradus::report
