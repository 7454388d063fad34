// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/short_names.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string_view>

#include "platform/report/human.h"
#include "platform/scenario/schema.h"

namespace gradus::explore {

namespace {

constexpr std::size_t longest_value = 24; ///< columns

/// Whether `path` is `tail`, or ends in it behind a dot.
bool ends_in(std::string_view path, std::string_view tail) {
    if (path.size() < tail.size() || path.substr(path.size() - tail.size()) != tail) return false;
    return path.size() == tail.size() || path[path.size() - tail.size() - 1] == '.';
}

bool is_ambiguous(const std::string& path, std::string_view tail, const std::vector<std::string>& paths) {
    if (tail == "base") return true; // of a chip, a model, a memory or a process, which are no keys of the schema
    const auto is_another = [&](std::string_view other) { return other != path && ends_in(other, tail); };
    const auto& keys = scenario::schema();
    return std::any_of(paths.begin(), paths.end(), is_another) ||
           std::any_of(keys.begin(), keys.end(), [&](const auto& parameter) { return is_another(parameter.key); });
}

/// The last `columns` columns behind "…".
std::string end_of(const std::string& text, std::size_t columns) {
    std::size_t begin = text.size();
    for (std::size_t count = 0; begin > 0 && count + 1 < columns; ++count)
        do
            --begin;
        while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80);
    return begin == 0 ? text : "…" + text.substr(begin);
}

} // namespace

std::vector<std::string> short_names(const std::vector<std::string>& paths) {
    std::vector<std::string> names;
    for (const std::string& path : paths) {
        std::size_t begin = path.rfind('.') + 1; // npos + 1 is 0
        while (begin > 1 && is_ambiguous(path, std::string_view(path).substr(begin), paths))
            begin = path.rfind('.', begin - 2) + 1;
        names.push_back(path.substr(begin));
    }
    return names;
}

std::vector<std::string> short_values(const std::vector<std::string>& values) {
    const std::size_t different = std::set<std::string>(values.begin(), values.end()).size();
    for (std::size_t width = longest_value;; ++width) {
        std::vector<std::string> cut;
        for (const std::string& value : values)
            cut.push_back(report::columns(value) <= width ? value : end_of(value, width));
        if (std::set<std::string>(cut.begin(), cut.end()).size() == different) return cut;
    }
}

} // namespace gradus::explore
