// SPDX-License-Identifier: Apache-2.0
// Text with a table in it, as spreadsheets and people write it:
//
//   # name: a comment
//   Rows, Cols, "Cycles, measured"
//   4, 4, 22,
//
// The first line that is no comment names the columns. It says what stands between cells: of comma, semicolon and tab
// the one that it has most of, or what a spreadsheet's line "sep=;" before it says. Blanks around a cell do not count,
// nor do empty cells behind the last column, lines of empty cells, and a cell that begins with # and what follows it.
// Cells may stand in double quotes, with "" for a quote (RFC 4180), but not over several lines.
#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gradus::text {

/// "LINE: what is wrong", to be read after the name of the file and ":".
class TableError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct Row {
    std::size_t line = 0; ///< from 1
    std::vector<std::string> cells;
};

struct Table {
    char separator = ',';
    std::vector<std::string> comments; ///< behind their #
    Row columns;                       ///< their names; no cells if the text has none
    std::vector<Row> rows;             ///< of any number of cells
};

/// `text` without a byte-order mark. Throws TableError.
Table parse_table(std::string_view text);

/// A name of a column as it is compared: "IFMAP Height " is "ifmap_height".
std::string column_key(std::string_view name);

} // namespace gradus::text
