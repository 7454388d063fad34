// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/layers.h"

#include <algorithm>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "platform/text/encoding.h"
#include "platform/text/lines.h"
#include "platform/text/numbers.h"
#include "platform/text/plain.h"
#include "platform/text/table.h"

namespace gradus::schedule {
namespace {

constexpr std::size_t absent = std::numeric_limits<std::size_t>::max();

/// The place of the first of `keys` among the columns.
std::size_t find_column(const std::vector<std::string>& columns, std::initializer_list<std::string_view> keys) {
    for (const std::string_view key : keys)
        if (const auto found = std::find(columns.begin(), columns.end(), key); found != columns.end())
            return static_cast<std::size_t>(found - columns.begin());
    return absent;
}

std::vector<std::string> keys_of(const text::Table& table) {
    std::vector<std::string> keys;
    for (const std::string& name : table.columns.cells)
        keys.push_back(text::column_key(name));
    // SCALE-Sim goes by the order of columns; some of its tables name both sizes of the input "width".
    const auto first = std::find(keys.begin(), keys.end(), "ifmap_width");
    if (first != keys.end() && std::find(first + 1, keys.end(), "ifmap_width") != keys.end()) *first = "ifmap_height";
    return keys;
}

/// One row of a table, by column.
class Cells {
public:
    Cells(const text::Table& table, const text::Row& row, std::string place)
        : table_(table), row_(row), place_(std::move(place)) {}

    std::string text(std::size_t column) const { return column < row_.cells.size() ? row_.cells[column] : ""; }
    std::uint32_t count(std::size_t column) const {
        try {
            return text::count(text(column));
        } catch (const text::NumberError& error) {
            throw ScheduleError(
                fmt::format("{}: under '{}': {}", place_, text::shown(table_.columns.cells.at(column)), error.what()));
        }
    }
    /// Something stands in another cell than `column`.
    bool any_beside(std::size_t column) const {
        for (std::size_t i = 0; i < row_.cells.size(); ++i)
            if (i != column && !row_.cells[i].empty()) return true;
        return false;
    }
    const std::string& place() const { return place_; }

private:
    const text::Table& table_;
    const text::Row& row_;
    const std::string place_;
};

std::uint32_t product(std::initializer_list<std::uint32_t> factors, const std::string& place) {
    std::uint64_t result = 1;
    for (const std::uint32_t factor : factors) {
        result *= factor;
        if (result > std::numeric_limits<std::uint32_t>::max())
            throw ScheduleError(fmt::format("{}: the layer is a product with a dimension beyond 2^32", place));
    }
    return static_cast<std::uint32_t>(result);
}

struct GemmColumns {
    std::size_t m, n, k;

    static std::optional<GemmColumns> of(const std::vector<std::string>& keys) {
        const GemmColumns columns{find_column(keys, {"m"}), find_column(keys, {"n"}), find_column(keys, {"k"})};
        if (columns.m == absent || columns.n == absent || columns.k == absent) return std::nullopt;
        return columns;
    }
    void read(const Cells& row, ListedShape& shape) const { shape.dims = {row.count(m), row.count(n), row.count(k)}; }
};

struct ConvolutionColumns {
    std::size_t input_height, input_width, filter_height, filter_width, channels, filters, stride_height, stride_width;

    static std::optional<ConvolutionColumns> of(const std::vector<std::string>& keys) {
        const ConvolutionColumns columns{find_column(keys, {"ifmap_height", "ifmap_h"}),
                                         find_column(keys, {"ifmap_width", "ifmap_w"}),
                                         find_column(keys, {"filter_height", "filter_h"}),
                                         find_column(keys, {"filter_width", "filter_w"}),
                                         find_column(keys, {"channels", "channel", "num_channels"}),
                                         find_column(keys, {"num_filter", "num_filters", "filters"}),
                                         find_column(keys, {"strides", "stride", "stride_height", "stride_h"}),
                                         find_column(keys, {"strides", "stride", "stride_width", "stride_w"})};
        for (const std::size_t each :
             {columns.input_height, columns.input_width, columns.filter_height, columns.filter_width, columns.channels,
              columns.filters, columns.stride_height, columns.stride_width})
            if (each == absent) return std::nullopt;
        return columns;
    }
    void read(const Cells& row, ListedShape& shape) const {
        const std::uint32_t height = pixels(row, input_height, filter_height, stride_height);
        const std::uint32_t width = pixels(row, input_width, filter_width, stride_width);
        const std::uint32_t depth = row.count(channels);
        const bool depthwise = shape.name.find("DP") != std::string::npos;
        shape.times = depthwise ? depth : 1;
        const std::uint32_t window = product(
            {row.count(filter_height), row.count(filter_width), depthwise ? std::uint32_t{1} : depth}, row.place());
        shape.dims = {product({height, width}, row.place()), row.count(filters), window};
    }

private:
    /// Of the output, in one direction.
    static std::uint32_t pixels(const Cells& row, std::size_t input, std::size_t filter, std::size_t stride) {
        const std::uint32_t inputs = row.count(input), under = row.count(filter), step = row.count(stride);
        if (under > inputs)
            throw ScheduleError(
                fmt::format("{}: the filter of {} is larger than the input of {}", row.place(), under, inputs));
        return (inputs - under) / step + ((inputs - under) % step != 0 ? 1 : 0) + 1;
    }
};

/// "2:4"; empty for a dense layer, which is 4:4, 1:1 or nothing.
std::string sparsity_of(const std::string& cell) {
    const std::size_t colon = cell.find(':');
    return colon == std::string::npos || cell.substr(0, colon) == cell.substr(colon + 1) ? "" : cell;
}

template <typename Columns>
std::vector<ListedShape> layers(const text::Table& table, const std::vector<std::string>& keys, const std::string& file,
                                const Columns& columns) {
    const std::size_t name = find_column(keys, {"layer_name", "layer", "name"});
    const std::size_t sparsity = find_column(keys, {"sparsity", "sparsity_support", "sparsity_ratio"});
    std::vector<ListedShape> shapes;
    for (const text::Row& row : table.rows) {
        const Cells cells(table, row, fmt::format("{}:{}", file, row.line));
        if (!cells.any_beside(name)) continue; // the heading of a part
        ListedShape shape;
        shape.place = cells.place();
        shape.name = cells.text(name);
        shape.sparsity = sparsity_of(cells.text(sparsity));
        columns.read(cells, shape);
        shapes.push_back(std::move(shape));
    }
    return shapes;
}

std::vector<ListedShape> parse_layers(std::string_view content, const std::string& file, const OperatorShape& op) {
    text::Table table;
    try {
        table = text::parse_table(content);
    } catch (const text::TableError& error) {
        throw ScheduleError(fmt::format("{}:{}", file, error.what()));
    }
    const std::string place = fmt::format("{}:{}", file, table.columns.line);
    if (op.kind != OperatorKind::gemm)
        throw ScheduleError(
            fmt::format("{}: a table of layers is for gemm; {} takes a shape {} a line", place, op.name, op.shape));
    const std::vector<std::string> keys = keys_of(table);
    if (const auto columns = GemmColumns::of(keys)) return layers(table, keys, file, *columns);
    if (const auto columns = ConvolutionColumns::of(keys)) return layers(table, keys, file, *columns);
    throw ScheduleError(fmt::format("{}: the first line names the columns, either Layer, M, N, K or Layer name, IFMAP "
                                    "Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides; "
                                    "it is '{}'",
                                    place, text::shown(fmt::format("{}", fmt::join(table.columns.cells, ", ")))));
}

/// A line of a list, without its comment.
std::string_view content_of(std::string_view line) { return text::without_blanks(line.substr(0, line.find('#'))); }

/// The first line that says something has cells, or what a spreadsheet puts before them.
bool is_table(std::string_view content) {
    for (text::Lines lines(content); lines.next();)
        if (const std::string_view line = content_of(lines.line()); !line.empty())
            return !parse_shape(line) &&
                   (line.find_first_of(",;\t\"") != std::string_view::npos || line.substr(0, 4) == "sep=");
    return false;
}

std::vector<ListedShape> parse_list(std::string_view content, const std::string& file, const OperatorShape& op) {
    std::vector<ListedShape> shapes;
    const auto wanted = static_cast<std::size_t>(std::count(op.shape.begin(), op.shape.end(), 'x')) + 1;
    for (text::Lines lines(content); lines.next();) {
        const std::string_view line = content_of(lines.line());
        if (line.empty()) continue;
        ListedShape shape;
        shape.place = fmt::format("{}:{}", file, lines.number());
        shape.dims = parse_shape(line).value_or(std::vector<std::uint32_t>{});
        if (shape.dims.size() != wanted || std::count(shape.dims.begin(), shape.dims.end(), 0U) != 0)
            throw ScheduleError(fmt::format("{}: '{}' is no shape; {} takes {}, such as {}", shape.place,
                                            text::shown(line), op.name, op.shape,
                                            wanted == 3 ? "1024x768x768" : "1024x768"));
        shapes.push_back(std::move(shape));
    }
    return shapes;
}

} // namespace

std::vector<ListedShape> parse_shapes(std::string_view text, const std::string& file, const OperatorShape& op) {
    std::string_view content;
    try {
        content = text::without_mark(text);
    } catch (const text::EncodingError& error) {
        throw ScheduleError(fmt::format("{}: {}", file, error.what()));
    }
    std::vector<ListedShape> shapes =
        is_table(content) ? parse_layers(content, file, op) : parse_list(content, file, op);
    if (shapes.empty()) throw ScheduleError(fmt::format("{}: there is no shape in it", file));
    return shapes;
}

} // namespace gradus::schedule
