// SPDX-License-Identifier: Apache-2.0
#include "platform/text/table.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "platform/text/lines.h"

namespace gradus::text {

namespace {

/// The separator that stands most often outside of quotes; a comma without any.
char separator_of(std::string_view line) {
    constexpr std::array<char, 3> separators{',', ';', '\t'};
    std::array<std::size_t, 3> counts{};
    bool quoted = false;
    for (const char each : line) {
        quoted = quoted != (each == '"');
        for (std::size_t i = 0; i < separators.size(); ++i)
            counts[i] += !quoted && each == separators[i] ? 1 : 0;
    }
    return separators[static_cast<std::size_t>(std::max_element(counts.begin(), counts.end()) - counts.begin())];
}

/// The character behind "sep=", or nothing. Throws TableError for one that stands in cells, or in no text.
std::optional<char> separator_line(std::string_view line, std::size_t number) {
    constexpr std::string_view name = "sep=", known = ",;|:\t";
    if (line.size() != name.size() + 1 || line.substr(0, name.size()) != name) return std::nullopt;
    if (known.find(line.back()) == std::string_view::npos)
        throw TableError(fmt::format("{}: sep= takes a comma, a semicolon, |, a colon or a tab", number));
    return line.back();
}

/// Cells of one line, one after the other.
class Cells {
public:
    Cells(std::string_view line, char separator, std::size_t number)
        : rest_(line), separator_(separator), number_(number) {}

    std::vector<std::string> all() {
        std::vector<std::string> cells;
        for (bool more = true; more;) {
            // A tab may be what separates, so that it is no blank.
            rest_.remove_prefix(std::min(rest_.find_first_not_of(separator_ == '\t' ? " " : " \t"), rest_.size()));
            if (rest_.substr(0, 1) == "#") break;
            cells.push_back(rest_.substr(0, 1) == "\"" ? quoted() : plain());
            more = !rest_.empty();
            if (more) rest_.remove_prefix(1);
        }
        return cells;
    }

private:
    std::string plain() { return std::string(without_blanks(upto_separator())); }

    std::string quoted() {
        std::string cell;
        for (rest_.remove_prefix(1);;) {
            const std::size_t end = rest_.find('"');
            if (end == std::string_view::npos) fail("a double quote is not closed in its line");
            cell += rest_.substr(0, end);
            rest_.remove_prefix(end + 1);
            if (rest_.substr(0, 1) != "\"") break;
            cell += '"';
            rest_.remove_prefix(1);
        }
        if (!without_blanks(upto_separator()).empty()) fail("there is text between a closing quote and the next cell");
        return std::string(without_blanks(cell));
    }

    std::string_view upto_separator() {
        const std::size_t end = std::min(rest_.find(separator_), rest_.size());
        const std::string_view part = rest_.substr(0, end);
        rest_.remove_prefix(end);
        return part;
    }

    [[noreturn]] void fail(std::string_view message) const {
        throw TableError(fmt::format("{}: {}", number_, message));
    }

    std::string_view rest_;
    const char separator_;
    const std::size_t number_;
};

/// What stands behind the # of a line that is a comment, also one that a spreadsheet has put in quotes and filled up.
std::optional<std::string> comment_of(std::string_view line) {
    line = without_blanks(line);
    const bool quoted = line.substr(0, 2) == "\"#";
    if (!quoted && line.substr(0, 1) != "#") return std::nullopt;
    line = line.substr(0, line.find_last_not_of(",; \t") + 1);
    line.remove_prefix(quoted ? 2 : 1);
    if (quoted && !line.empty() && line.back() == '"') line.remove_suffix(1);
    return std::string(without_blanks(line));
}

/// Takes empty cells off the end, as long as there are more than `columns`.
void trim(std::vector<std::string>& cells, std::size_t columns) {
    while (cells.size() > columns && cells.back().empty())
        cells.pop_back();
}

} // namespace

Table parse_table(std::string_view text) {
    Table table;
    std::optional<char> separator;
    for (Lines lines(text); lines.next();) {
        if (auto comment = comment_of(lines.line())) {
            table.comments.push_back(std::move(*comment));
            continue;
        }
        const bool headed = !table.columns.cells.empty();
        if (!headed && !separator) {
            separator = separator_line(lines.line(), lines.number());
            if (separator) continue;
        }
        if (!headed) table.separator = separator.value_or(separator_of(lines.line()));
        Row row{lines.number(), Cells(lines.line(), table.separator, lines.number()).all()};
        if (std::all_of(row.cells.begin(), row.cells.end(), [](const std::string& cell) { return cell.empty(); }))
            continue;
        trim(row.cells, table.columns.cells.size());
        if (headed)
            table.rows.push_back(std::move(row));
        else
            table.columns = std::move(row);
    }
    return table;
}

std::string column_key(std::string_view name) {
    std::string key;
    for (const char each : without_blanks(name)) {
        const bool gap = each == ' ' || each == '\t' || each == '-' || each == '_';
        if (gap && !key.empty() && key.back() == '_') continue;
        key += gap ? '_' : each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
    }
    return key;
}

} // namespace gradus::text
