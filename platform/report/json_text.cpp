// SPDX-License-Identifier: Apache-2.0
#include "platform/report/json_text.h"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

namespace gradus::report {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t longest_line = 120;

std::string plain(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string label(const Json& container, const std::string& key) {
    return container.is_object() ? plain(key) + ": " : "";
}

/// The container on one line, if that is short and holds plain values only.
std::optional<std::string> one_line(const Json& container, std::size_t column) {
    std::string line(1, container.is_object() ? '{' : '[');
    for (const auto& [key, value] : container.items()) {
        if (value.is_structured() && !value.empty()) return std::nullopt;
        if (line.size() > 1) line += ", ";
        line += label(container, key) + plain(value);
        if (column + line.size() >= longest_line) return std::nullopt;
    }
    return line + (container.is_object() ? '}' : ']');
}

/// Long lists of numbers fill their lines.
bool is_long_series(const Json& container) {
    return container.is_array() && container.size() > 12 &&
           std::all_of(container.begin(), container.end(), [](const Json& each) { return each.is_number(); });
}

std::string filled(const Json& series, std::size_t indent) {
    std::string text = "[", line;
    for (const Json& each : series) {
        const std::string value = plain(each);
        if (line.empty() || line.size() + 2 + value.size() >= longest_line) {
            if (!line.empty()) text += line + ",";
            line = "\n" + std::string(indent + 2, ' ') + value;
        } else {
            line += ", " + value;
        }
    }
    return text + line + "\n" + std::string(indent, ' ') + "]";
}

// The depth of the documents written here is fixed by the program, not by its input.
void append(const Json& value, std::size_t indent, std::size_t column, std::string& text) {
    if (!value.is_structured()) {
        text += plain(value);
        return;
    }
    if (const auto line = one_line(value, column)) {
        text += *line;
        return;
    }
    if (is_long_series(value)) {
        text += filled(value, indent);
        return;
    }
    text += value.is_object() ? "{" : "[";
    const char* separator = "\n";
    for (const auto& [key, each] : value.items()) {
        const std::string name = label(value, key);
        text += separator + std::string(indent + 2, ' ') + name;
        append(each, indent + 2, indent + 2 + name.size(), text);
        separator = ",\n";
    }
    text += "\n" + std::string(indent, ' ') + (value.is_object() ? "}" : "]");
}

} // namespace

std::string json_text(const Json& json) {
    std::string text;
    append(json, 0, 0, text);
    return text + "\n";
}

} // namespace gradus::report
