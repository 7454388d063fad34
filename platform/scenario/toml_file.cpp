// SPDX-License-Identifier: Apache-2.0
#include "platform/scenario/toml_file.h"

#include <algorithm>
#include <optional>
#include <system_error>
#include <vector>

#include "platform/scenario/nearest.h"
#include "platform/scenario/toml_guard.h"
#include "platform/text/encoding.h"

namespace gradus::scenario {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_scenario = 256 * 1024; // a page of text

/// The value in the type of the key; nothing when the types do not go together. An integer is a number.
std::optional<Value> convert(const toml::node& node, Type type) {
    switch (type) {
    case Type::integer:
        if (const auto* integer = node.as_integer(); integer && integer->get() >= 0)
            return static_cast<std::uint64_t>(integer->get());
        return std::nullopt;
    case Type::number:
        if (const auto* integer = node.as_integer()) return static_cast<double>(integer->get());
        if (const auto* number = node.as_floating_point()) return number->get();
        return std::nullopt;
    case Type::boolean:
        if (const auto* boolean = node.as_boolean()) return boolean->get();
        return std::nullopt;
    case Type::text:
    case Type::choice:
        if (const auto* text = node.as_string()) return text->get();
        return std::nullopt;
    }
    return std::nullopt;
}

/// " (nearest: 'names.toml')", or nothing when the folder holds no scenario.
std::string neighbour(const fs::path& missing) {
    std::error_code error;
    std::vector<std::string> names;
    const fs::path folder = missing.has_parent_path() ? missing.parent_path() : fs::path(".");
    for (const auto& entry : fs::directory_iterator(folder, error))
        if (entry.path().extension() == ".toml") names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    const std::string_view best = nearest(missing.filename().string(), {names.begin(), names.end()});
    return best.empty() ? "" : fmt::format("; nearest: '{}'", (missing.parent_path() / best).string());
}

std::string_view without_mark(std::string_view text, const fs::path& file) {
    try {
        return text::without_mark(text);
    } catch (const text::EncodingError& error) {
        fail("{}: {}", shown(file.string()), error.what());
    }
}

} // namespace

std::string shown(const toml::node& node) {
    if (const auto* text = node.as_string()) return fmt::format("text '{}'", shown(text->get()));
    if (const auto* integer = node.as_integer()) return fmt::format("{}", integer->get());
    if (const auto* number = node.as_floating_point()) return fmt::format("the number {}", number->get());
    if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
    if (node.is_array()) return "a list";
    if (node.is_table()) return "a section";
    return "a date or time";
}

std::string place_of(const toml::node& node, const fs::path& file) {
    const auto line = node.source().begin.line;
    return line == 0 ? file.string() : fmt::format("{}:{}", file.string(), line);
}

Value converted(const toml::node& node, const Parameter& parameter, std::string_view place) {
    const auto value = convert(node, parameter.type());
    if (value && parameter.allows(*value)) return *value;

    const bool right_type = value || (parameter.type() == Type::integer && node.is_integer());
    if (!right_type) fail("{}: {} takes {}, not {}", place, parameter.key, parameter.allowed(), shown(node));
    if (parameter.type() == Type::choice) {
        const std::string& text = std::get<std::string>(*value);
        fail("{}: {} = '{}': allowed is {}; nearest: {}", place, parameter.key, shown(text), parameter.allowed(),
             nearest(text, parameter.choices));
    }
    fail("{}: {} = {} is out of range; allowed is {}", place, parameter.key, shown(node), parameter.allowed());
}

bool is_section(std::string_view name) {
    return std::any_of(schema().begin(), schema().end(), [&](const Parameter& parameter) {
        return parameter.key.size() > name.size() && parameter.key.substr(0, name.size()) == name &&
               parameter.key[name.size()] == '.';
    });
}

void fail_unknown(std::string_view place, std::string_view key, bool section) {
    for (const char* outer : {"chip", "model", "run"}) {
        const std::string inside = fmt::format("{}.{}", outer, key);
        if (find(inside) || is_section(inside))
            fail("{}: unknown key '{}'; nearest: '{}' (it belongs into [{}], or into a file that [{}] names by base)",
                 place, shown(key), inside, outer, outer);
    }
    fail("{}: unknown key '{}'; nearest: '{}'", place, shown(key), nearest(key, section ? sections() : keys()));
}

std::string read_text(const fs::path& file, const std::string& place) {
    std::string text;
    try {
        text = read_file(file.string(), largest_scenario);
    } catch (const FileError& error) {
        fail("{}{}{}", place.empty() ? "" : place + ": ", error.what(), error.missing() ? neighbour(file) : "");
    }
    return text;
}

namespace {

void check_lines(std::string_view text, const fs::path& file) {
    std::size_t line = 1;
    for (std::size_t begin = 0; begin < text.size(); ++line) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        if (end - begin > longest_line)
            fail("{}:{}: the line is longer than {} characters", file.string(), line, longest_line);
        begin = end + 1;
    }
}

} // namespace

toml::table parse(std::string_view text, const fs::path& file) {
    text = without_mark(text, file);
    check_lines(text, file);
    if (const auto hazard = toml_hazard(text))
        fail("{}:{}: {}", file.string(),
             1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(hazard->at), '\n'), hazard->what);
    try {
        return toml::parse(text, file.string());
    } catch (const toml::parse_error& error) {
        const auto& where = error.source().begin;
        fail("{}:{}:{}: {}", file.string(), where.line, where.column, shown(error.description()));
    }
}

} // namespace gradus::scenario
