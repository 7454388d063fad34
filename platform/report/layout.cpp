// SPDX-License-Identifier: Apache-2.0
#include "platform/report/layout.h"

#include <algorithm>
#include <utility>

#include "platform/report/human.h"

namespace gradus::report {

namespace {

constexpr std::size_t least_prose = 24; ///< columns beside others in which prose can be read
constexpr std::size_t continuation = 4; ///< indent of a row's further lines

bool begins_column(char each) { return (static_cast<unsigned char>(each) & 0xc0) != 0x80; }

/// Bytes of the escape sequence at the start of `text`; 0: there is none.
std::size_t escape_length(std::string_view text) {
    if (text.empty() || text[0] != '\x1b') return 0;
    std::size_t length = 1;
    while (length < text.size() && !(text[length] >= 'a' && text[length] <= 'z'))
        ++length;
    return std::min(length + 1, text.size());
}

/// Bytes of the first `width` columns.
std::size_t bytes_of(std::string_view text, std::size_t width) {
    std::size_t used = 0;
    for (std::size_t i = 0; i < text.size();) {
        if (const std::size_t escape = escape_length(text.substr(i))) {
            i += escape;
            continue;
        }
        if (begins_column(text[i]) && ++used > width) return i;
        ++i;
    }
    return text.size();
}

std::string_view without_blanks_behind(std::string_view text) { return text.substr(0, text.find_last_not_of(' ') + 1); }

/// The lines of a cell that has `width` columns: words go to the next one, unless a word alone is too long.
std::vector<std::string> parts_of(const std::string& cell, Table::Align align, std::size_t width) {
    if (columns(cell) <= width) return {cell};
    std::size_t longest = 0;
    for (std::size_t begin = 0; begin < cell.size();) {
        const std::size_t end = std::min(cell.find(' ', begin), cell.size());
        longest = std::max(longest, columns(std::string_view(cell).substr(begin, end - begin)));
        begin = end + 1;
    }
    const bool words = align == Table::Align::prose || (align == Table::Align::left && longest <= width);
    return words ? wrapped(cell, width) : std::vector<std::string>{cut(cell, width)};
}

} // namespace

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
    width = std::max<std::size_t>(width, 1);
    std::vector<std::string> lines;
    while (columns(text) > width) {
        const std::size_t fits = bytes_of(text, width);
        std::size_t end = text[fits] == ' ' ? fits : text.find_last_of(' ', fits);
        // Blanks that a line begins with are no place to break it.
        if (end == std::string_view::npos || text.find_first_not_of(' ') >= end) end = fits;
        lines.emplace_back(without_blanks_behind(text.substr(0, end)));
        text.remove_prefix(std::min(text.find_first_not_of(' ', end), text.size()));
    }
    if (!text.empty() || lines.empty()) lines.emplace_back(text);
    return lines;
}

std::string fitted(std::string_view text, std::size_t width) {
    std::string result;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (columns(line) <= width) {
            result.append(line).append("\n");
            continue;
        }
        const std::size_t indent = std::min({line.find_first_not_of(' ') + 2, width / 2, line.size()});
        const std::string first(wrapped(line, width).front());
        result += first + "\n";
        std::string_view rest = line.substr(first.size());
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
        for (const std::string& each : wrapped(rest, width - indent))
            result.append(indent, ' ').append(each).append("\n");
    }
    return result;
}

std::string cut(std::string_view line, std::size_t width) {
    if (columns(line) <= width) return std::string(line);
    if (width == 0) return "";
    std::string text(line.substr(0, bytes_of(line, width - 1)));
    text += "…";
    return line.find('\x1b') == std::string_view::npos ? text : text + "\x1b[0m";
}

Table::Table(std::vector<Column> columns, std::size_t indent, std::size_t gap)
    : columns_(std::move(columns)), indent_(indent), gap_(gap) {}

void Table::row(std::vector<std::string> cells) {
    cells.resize(columns_.size());
    rows_.push_back(std::move(cells));
}

Table::Widths Table::content() const {
    Widths widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        widths.push_back(columns(columns_[i].title));
        for (const auto& row : rows_)
            widths[i] = std::max(widths[i], columns(row[i]));
    }
    return widths;
}

std::size_t Table::total(const Widths& widths) const {
    std::size_t sum = indent_ + gap_ * (widths.size() - 1);
    for (const std::size_t width : widths)
        sum += width;
    return sum;
}

/// As wide as usual; else as what they hold; else the widest of those that may be cut are, as far as that helps.
Table::Widths Table::fitting(std::size_t width) const {
    Widths widths = content();
    Widths usual = widths;
    for (std::size_t i = 0; i < widths.size(); ++i)
        usual[i] = std::max(usual[i], columns_[i].usual);
    // Prose need not be whole to stand beside the others.
    const bool prose = columns_.back().align == Align::prose;
    const auto fits = [&](Widths tried) {
        if (prose) tried.back() = std::min(tried.back(), least_prose);
        return total(tried) <= width;
    };
    if (fits(usual)) return usual;
    Widths less = widths;
    while (!fits(less)) {
        std::size_t widest = less.size();
        for (std::size_t i = 0; i < less.size(); ++i)
            if (columns_[i].least && less[i] > columns_[i].least && (widest == less.size() || less[i] > less[widest]))
                widest = i;
        if (widest == less.size()) return widths;
        --less[widest];
    }
    return less;
}

/// The columns before which a row goes on in another line.
std::vector<std::size_t> Table::breaks(const Widths& widths, std::size_t width) const {
    std::vector<std::size_t> breaks;
    std::size_t used = indent_ + widths.front();
    for (std::size_t i = 1; i < widths.size(); ++i) {
        const std::size_t needed = columns_[i].align == Align::prose ? std::min(widths[i], least_prose) : widths[i];
        if (used + gap_ + needed > width) {
            breaks.push_back(i);
            used = indent_ + continuation + widths[i];
        } else {
            used += gap_ + widths[i];
        }
    }
    return breaks;
}

std::string Table::lines(const std::vector<std::string>& cells, const Widths& widths,
                         const std::vector<std::size_t>& breaks, std::size_t width) const {
    std::string text;
    std::size_t begin = 0;
    for (std::size_t next = 0; begin < cells.size(); begin = next) {
        const auto end = std::upper_bound(breaks.begin(), breaks.end(), begin);
        next = end == breaks.end() ? cells.size() : *end;
        const std::size_t indent = indent_ + (begin ? continuation : 0);
        std::vector<std::vector<std::string>> parts;
        std::size_t height = 1;
        std::size_t used = indent;
        for (std::size_t i = begin; i < next; ++i) {
            const bool last = i + 1 == cells.size() && columns_[i].align == Align::prose;
            const std::size_t room = width - std::min(width, used);
            parts.push_back(parts_of(cells[i], columns_[i].align, last ? room : std::min(widths[i], room)));
            height = std::max(height, parts.back().size());
            used += widths[i] + gap_;
        }
        for (std::size_t k = 0; k < height; ++k) {
            std::string line(indent, ' ');
            for (std::size_t i = begin; i < next; ++i) {
                if (i > begin) line.append(gap_, ' ');
                const std::vector<std::string>& cell = parts[i - begin];
                const std::string part = k < cell.size() ? cell[k] : "";
                line += columns_[i].align == Align::right ? right(part, widths[i]) : left(part, widths[i]);
            }
            text.append(without_blanks_behind(line)).append("\n");
        }
    }
    return text;
}

std::string Table::text(std::size_t width) const {
    const Widths widths = fitting(width);
    const std::vector<std::size_t> line_breaks = breaks(widths, width);
    std::vector<std::string> titles;
    for (const Column& column : columns_)
        titles.push_back(column.title);
    std::string text;
    if (std::any_of(titles.begin(), titles.end(), [](const std::string& title) { return !title.empty(); }))
        text += lines(titles, widths, line_breaks, width);
    for (const auto& row : rows_)
        text += lines(row, widths, line_breaks, width);
    return text;
}

} // namespace gradus::report
