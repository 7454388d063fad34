// SPDX-License-Identifier: Apache-2.0
// A reference or measurements as a file: a table (platform/text/table.h) with its provenance on top.
//
//   # name: Systolic arrays: closed forms
//   # source: who says so
//   rows,cols,cycles
//   4,4,"22"
#pragma once

#include <cstddef>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "platform/text/table.h"

namespace gradus::validate {

/// A file that cannot be read, or does not hold what was expected, with file and line.
class TableError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class Table {
public:
    /// Reads the file. Throws scenario::FileError, TableError.
    explicit Table(const std::string& path);
    /// `text` as if it stood in the file `path`. Throws TableError.
    Table(std::string path, std::string_view text);

    /// What stands behind "# key:"; empty without that line.
    std::string about(const std::string& key) const;
    const std::string& path() const { return path_; }
    std::size_t rows() const { return table_.rows.size(); }
    /// As the file names them.
    const std::vector<std::string>& columns() const { return table_.columns.cells; }
    /// Throw TableError for a column that is not there, or a cell that is no number. Columns are named as column_key()
    /// has it.
    const std::string& text(std::size_t row, const std::string& column) const;
    double number(std::size_t row, const std::string& column) const;
    /// A finite number above zero.
    double positive(std::size_t row, const std::string& column) const;
    bool has(const std::string& column) const;
    /// "FILE:LINE" of a row, for messages.
    std::string place(std::size_t row) const;

private:
    std::size_t column(const std::string& name) const;

    std::string path_;
    std::map<std::string, std::string> about_;
    text::Table table_;
    std::vector<std::string> keys_; ///< of the columns
};

} // namespace gradus::validate
