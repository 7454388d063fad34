// SPDX-License-Identifier: Apache-2.0
#include "platform/validate/table.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <locale>
#include <sstream>

#include <fmt/format.h>

namespace gradus::validate {

namespace {

/// Cells may stand in double quotes; a quote inside of them is not needed here and not known.
std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (const char each : line) {
        if (each == '"')
            quoted = !quoted;
        else if (each == ',' && !quoted)
            cells.emplace_back();
        else
            cells.back() += each;
    }
    return cells;
}

} // namespace

Table::Table(const std::string& path) : path_(path) {
    std::ifstream file(path);
    if (!file) throw TableError(fmt::format("the reference '{}' cannot be read", path));
    std::size_t number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        if (!line.empty() && line.back() == '\r') line.pop_back();
        if (line.empty()) continue;
        if (line[0] == '#') {
            const std::size_t colon = line.find(": ");
            if (colon != std::string::npos && colon > 2) about_[line.substr(2, colon - 2)] = line.substr(colon + 2);
        } else if (columns_.empty()) {
            columns_ = split(line);
        } else {
            cells_.push_back(split(line));
            lines_.push_back(number);
            if (cells_.back().size() != columns_.size())
                throw TableError(fmt::format("{}:{}: {} cells under {} columns", path, number, cells_.back().size(),
                                             columns_.size()));
        }
    }
    if (columns_.empty()) throw TableError(fmt::format("the reference '{}' is empty", path));
}

std::string Table::about(const std::string& key) const {
    const auto found = about_.find(key);
    return found == about_.end() ? "" : found->second;
}

std::size_t Table::column(const std::string& name) const {
    const auto found = std::find(columns_.begin(), columns_.end(), name);
    if (found == columns_.end()) throw TableError(fmt::format("{}: there is no column '{}'", path_, name));
    return static_cast<std::size_t>(found - columns_.begin());
}

const std::string& Table::text(std::size_t row, const std::string& name) const { return cells_.at(row)[column(name)]; }

double Table::number(std::size_t row, const std::string& name) const {
    std::istringstream stream(text(row, name));
    stream.imbue(std::locale::classic());
    double value = 0;
    if (stream >> value && stream.peek() == std::istringstream::traits_type::eof()) return value;
    throw TableError(fmt::format("{}: '{}' under '{}' is no number", place(row), text(row, name), name));
}

double Table::positive(std::size_t row, const std::string& name) const {
    const double value = number(row, name);
    if (std::isfinite(value) && value > 0) return value;
    throw TableError(fmt::format("{}: '{}' under '{}' is not above zero", place(row), text(row, name), name));
}

bool Table::has(const std::string& name) const {
    return std::find(columns_.begin(), columns_.end(), name) != columns_.end();
}

std::string Table::place(std::size_t row) const { return fmt::format("{}:{}", path_, lines_.at(row)); }

} // namespace gradus::validate
