// SPDX-License-Identifier: Apache-2.0
// A reference as a file: CSV with its provenance on top.
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
#include <vector>

namespace gradus::validate {

/// A file that cannot be read, or does not hold what was expected, with file and line.
class TableError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class Table {
public:
    /// Throws TableError.
    explicit Table(const std::string& path);

    /// What stands behind "# key:"; empty without that line.
    std::string about(const std::string& key) const;
    const std::string& path() const { return path_; }
    std::size_t rows() const { return cells_.size(); }
    /// Throw TableError for a column that is not there, or a cell that is no number.
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
    std::vector<std::string> columns_;
    std::vector<std::vector<std::string>> cells_;
    std::vector<std::size_t> lines_; ///< of cells_
};

} // namespace gradus::validate
