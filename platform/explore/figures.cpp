// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/figures.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "platform/report/human.h"
#include "platform/scenario/nearest.h"

namespace gradus::explore {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t longest_path = 80; // in a message

/// What an element of a list is called, if not by its number.
std::optional<std::string> name_of(const Json& element) {
    if (!element.is_object()) return std::nullopt;
    for (const char* key : {"name", "resource"})
        if (const auto found = element.find(key); found != element.end() && found->is_string())
            return found->get<std::string>();
    return std::nullopt;
}

std::optional<double> number(const Json& value) {
    if (value.is_number()) return value.get<double>();
    if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
    return std::nullopt;
}

/// "name" or "name.rest": the rest, empty at the end; nothing when `path` does not begin with `name`.
std::optional<std::string_view> after(std::string_view path, std::string_view name) {
    if (path.substr(0, name.size()) != name) return std::nullopt;
    if (path.size() == name.size()) return std::string_view();
    return path[name.size()] == '.' ? std::optional(path.substr(name.size() + 1)) : std::nullopt;
}

std::optional<double> find(const Json& value, std::string_view path) {
    if (path.empty()) return number(value);
    std::size_t position = 0;
    for (const auto& [key, each] : value.items()) {
        const std::string name = value.is_array() ? name_of(each).value_or(key) : key;
        for (const std::string& spelling : {name, std::to_string(position)}) {
            if (spelling != name && !value.is_array()) continue;
            if (const auto rest = after(path, spelling))
                if (const auto found = find(each, *rest)) return found;
        }
        ++position;
    }
    return std::nullopt;
}

void list(const Json& value, const std::string& path, std::vector<std::string>& paths) {
    if (number(value)) paths.push_back(path);
    if (!value.is_structured()) return;
    for (const auto& [key, each] : value.items())
        list(each, (path.empty() ? "" : path + ".") + (value.is_array() ? name_of(each).value_or(key) : key), paths);
}

std::string nearest_paths(const Json& result, const std::string& path) {
    std::vector<std::string> paths;
    list(result, "", paths);
    std::vector<std::string_view> left(paths.begin(), paths.end());
    std::string text;
    for (int count = 0; count < 3 && !left.empty(); ++count) {
        const std::string_view best = scenario::nearest(path, left);
        text += fmt::format("{}'{}'", text.empty() ? "" : ", ", report::plain(best, longest_path));
        left.erase(std::find(left.begin(), left.end(), best));
    }
    return text;
}

} // namespace

Figures figures_of(const Json& result, const std::vector<std::string>& paths) {
    Figures figures;
    for (const std::string& path : paths) {
        const auto figure = find(result, path);
        if (!figure) {
            figures.missing = fmt::format("the result has no figure '{}'; nearest: {}",
                                          report::plain(path, longest_path), nearest_paths(result, path));
            break;
        }
        figures.values.push_back(*figure);
    }
    return figures;
}

} // namespace gradus::explore
