// SPDX-License-Identifier: Apache-2.0
// Text that fits a width: prose is broken at blanks, and a table that is too wide gives its columns less room, then
// takes several lines a row. Text may hold escape sequences of colours, which take no columns.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "platform/report/terminal.h"

namespace gradus::report {

/// Broken at blanks into lines of at most `width` columns; a word that is longer is broken within.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);
/// Each line of the text, wrapped; what is broken off is indented by two more than the line.
std::string fitted(std::string_view text, std::size_t width);
/// One line, cut to `width` columns; what is longer ends in "…".
std::string cut(std::string_view line, std::size_t width);

class Table {
public:
    enum class Align { left, right, prose }; ///< prose, for the last column: broken at blanks where there is no room
    struct Column {
        std::string title;
        Align align = Align::right;
        std::size_t usual = 0; ///< as wide as that or as what it holds, where there is room
        std::size_t least = 0; ///< may get as few: words go to further lines, one that is too long is cut; 0: never
    };

    /// Every line begins with `indent` blanks; columns are `gap` apart.
    explicit Table(std::vector<Column> columns, std::size_t indent = 0, std::size_t gap = 2);

    /// As many cells as there are columns.
    void row(std::vector<std::string> cells);
    /// With a line of titles above, if any has one.
    std::string text(std::size_t width) const;

private:
    using Widths = std::vector<std::size_t>;

    Widths content() const;
    std::size_t total(const Widths& widths) const;
    Widths fitting(std::size_t width) const;
    std::vector<std::size_t> breaks(const Widths& widths, std::size_t width) const;
    std::string lines(const std::vector<std::string>& cells, const Widths& widths,
                      const std::vector<std::size_t>& breaks, std::size_t width) const;

    std::vector<Column> columns_;
    std::size_t indent_;
    std::size_t gap_;
    std::vector<std::vector<std::string>> rows_;
};

} // namespace gradus::report
