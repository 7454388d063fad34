// SPDX-License-Identifier: Apache-2.0
#include "platform/validate/table.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "platform/scenario/read_file.h"
#include "platform/text/encoding.h"
#include "platform/text/numbers.h"
#include "platform/text/plain.h"

namespace gradus::validate {

namespace {

constexpr std::size_t longest_about = 4000; // it is printed

text::Table parsed(const std::string& path, std::string_view content) {
    try {
        return text::parse_table(text::without_mark(content));
    } catch (const text::EncodingError& error) {
        throw TableError(fmt::format("{}: {}", path, error.what()));
    } catch (const text::TableError& error) {
        throw TableError(fmt::format("{}:{}", path, error.what()));
    }
}

} // namespace

Table::Table(const std::string& path) : Table(path, scenario::read_file(path)) {}

Table::Table(std::string path, std::string_view text) : path_(std::move(path)), table_(parsed(path_, text)) {
    if (columns().empty()) throw TableError(fmt::format("the table '{}' is empty", path_));
    for (const std::string& comment : table_.comments) {
        const std::size_t colon = comment.find(": ");
        if (colon != std::string::npos && colon > 0)
            about_[comment.substr(0, colon)] = text::shown(comment.substr(colon + 2), longest_about);
    }
    for (const std::string& name : columns()) {
        const std::string key = text::column_key(name);
        if (!key.empty() && std::find(keys_.begin(), keys_.end(), key) != keys_.end())
            throw TableError(
                fmt::format("{}:{}: the column '{}' comes twice", path_, table_.columns.line, text::shown(name)));
        keys_.push_back(key);
    }
    for (const text::Row& row : table_.rows)
        if (row.cells.size() != columns().size())
            throw TableError(
                fmt::format("{}:{}: {} cells under {} columns{}", path_, row.line, row.cells.size(), columns().size(),
                            row.cells.size() > columns().size()
                                ? fmt::format("; a cell with a {} in it stands in double quotes",
                                              table_.separator == '\t' ? "tab" : fmt::format("'{}'", table_.separator))
                                : ""));
}

std::string Table::about(const std::string& key) const {
    const auto found = about_.find(key);
    return found == about_.end() ? "" : found->second;
}

std::size_t Table::column(const std::string& name) const {
    const auto found = std::find(keys_.begin(), keys_.end(), name);
    if (found == keys_.end())
        throw TableError(fmt::format("{}:{}: there is no column '{}': the first line names the columns, and these are "
                                     "{}",
                                     path_, table_.columns.line, name,
                                     text::shown(fmt::format("{}", fmt::join(columns(), ", ")))));
    return static_cast<std::size_t>(found - keys_.begin());
}

const std::string& Table::text(std::size_t row, const std::string& name) const {
    return table_.rows.at(row).cells[column(name)];
}

double Table::number(std::size_t row, const std::string& name) const {
    const std::string& cell = text(row, name);
    try {
        return text::number(cell);
    } catch (const text::NumberError& error) {
        throw TableError(fmt::format("{}: under '{}': {}", place(row), text::shown(name), error.what()));
    }
}

double Table::positive(std::size_t row, const std::string& name) const {
    const double value = number(row, name);
    if (value > 0) return value;
    throw TableError(fmt::format("{}: '{}' under '{}' is not above zero", place(row), text::shown(text(row, name)),
                                 text::shown(name)));
}

bool Table::has(const std::string& name) const { return std::find(keys_.begin(), keys_.end(), name) != keys_.end(); }

std::string Table::place(std::size_t row) const { return fmt::format("{}:{}", path_, table_.rows.at(row).line); }

} // namespace gradus::validate
