// SPDX-License-Identifier: Apache-2.0
#include "platform/validate/measured_row.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

#include "platform/scenario/nearest.h"
#include "platform/scenario/schema.h"
#include "platform/text/numbers.h"
#include "platform/text/plain.h"

namespace gradus::validate {

namespace {

using schedule::OperatorKind;

struct MeasuredOperator {
    std::string_view name;
    OperatorKind kind;
    MeasuredPart part = MeasuredPart::whole;
};

// scale and add_scalar have no operator of their own here: as relu, they read and write each element once and take the
// lanes for one simple operation; so does multiply beside add.
constexpr MeasuredOperator operators[] = {{"copy_in", OperatorKind::copy, MeasuredPart::load},
                                          {"copy_out", OperatorKind::copy, MeasuredPart::store},
                                          {"gemm_unit", OperatorKind::gemm, MeasuredPart::matrix},
                                          {"gemm", OperatorKind::gemm},
                                          {"scale", OperatorKind::relu},
                                          {"add_scalar", OperatorKind::relu},
                                          {"relu", OperatorKind::relu},
                                          {"multiply", OperatorKind::add},
                                          {"add", OperatorKind::add},
                                          {"softmax", OperatorKind::softmax},
                                          {"layernorm", OperatorKind::layernorm},
                                          {"rmsnorm", OperatorKind::rmsnorm}};

const MeasuredOperator* find_measured(std::string_view name) {
    for (const MeasuredOperator& each : operators)
        if (each.name == name) return &each;
    return nullptr;
}

const schedule::OperatorShape& shape_of(OperatorKind kind) {
    for (const schedule::OperatorShape& shape : schedule::operator_shapes())
        if (shape.kind == kind) return shape;
    throw std::logic_error("an operator without a shape");
}

/// Empty for what is no shape, or holds nothing.
std::vector<std::uint32_t> dims_of(const std::string& shape) {
    auto dims = schedule::parse_shape(shape);
    return dims && std::count(dims->begin(), dims->end(), 0U) == 0 ? *std::move(dims) : std::vector<std::uint32_t>{};
}

schedule::OperatorRequest request_of(const MeasuredOperator& measured, const std::string& shape) {
    schedule::OperatorRequest request;
    request.record_commands = false; // one command a piece, as the measured hardware was given them
    request.kind = measured.kind;
    request.dims = dims_of(shape);
    if (measured.kind == OperatorKind::copy) {
        // Bytes, moved as fp32.
        if (request.dims.size() != 1 || request.dims[0] % 4 != 0)
            throw TableError(
                fmt::format("'{}' is no shape: {} takes bytes, a multiple of 4", text::shown(shape), measured.name));
        request.dims = {1, request.dims[0] / 4};
        request.steps = 6;
        return request;
    }
    const schedule::OperatorShape& wanted = shape_of(measured.kind);
    const auto letters = static_cast<std::size_t>(std::count(wanted.shape.begin(), wanted.shape.end(), 'x')) + 1;
    if (request.dims.size() != letters)
        throw TableError(fmt::format("'{}' is no shape: {} takes {}", text::shown(shape), measured.name, wanted.shape));
    if (measured.kind == OperatorKind::gemm) request.format = scenario::Format::bf16;
    if (measured.kind == OperatorKind::relu || measured.kind == OperatorKind::add) {
        // In bf16, of which our DMA would make fp32 on the way in: half as many fp32 elements move as many bytes.
        if (request.dims.back() % 2 != 0)
            throw TableError(fmt::format("'{}' is no shape: {} takes {} with an even C", text::shown(shape),
                                         measured.name, wanted.shape));
        request.dims.back() /= 2;
    }
    return request;
}

/// Nothing without a clock: the chip's own is meant.
std::optional<double> clock_of(const Table& table, std::size_t row) {
    if (!table.has("clock_mhz") || table.text(row, "clock_mhz").empty()) return std::nullopt;
    const scenario::Parameter& clock = *scenario::find("chip.clock_mhz");
    const double megahertz = table.positive(row, "clock_mhz");
    if (megahertz >= clock.minimum && megahertz <= clock.maximum) return megahertz;
    throw TableError(
        fmt::format("{}: a clock of {} MHz; a chip's is {}", table.place(row), megahertz, clock.allowed()));
}

double cycles_of(const Table& table, std::size_t row) {
    constexpr double most = 1e15; // which no simulation reaches
    const double cycles = table.positive(row, "cycles");
    if (cycles <= most) return cycles;
    throw TableError(fmt::format("{}: {:g} cycles; a row has at most {:g}", table.place(row), cycles, most));
}

/// A clock in another unit must not be taken for none.
void refuse_unknown_clock(const Table& table) {
    if (table.has("clock_mhz")) return;
    for (const std::string& name : table.columns()) {
        const std::string key = text::column_key(name);
        if (key.rfind("clock", 0) == 0 || key.rfind("freq", 0) == 0)
            throw TableError(fmt::format("{}: the column '{}' is not known: the clock stands under clock_mhz, in MHz",
                                         table.path(), text::shown(name)));
    }
}

} // namespace

std::vector<std::string_view> measured_operators() {
    std::vector<std::string_view> names;
    for (const MeasuredOperator& each : operators)
        names.push_back(each.name);
    return names;
}

std::vector<MeasuredRow> measured_rows(const Table& table) {
    std::vector<MeasuredRow> rows;
    if (table.rows() == 0)
        throw TableError(fmt::format("{}: there is no row below the names of the columns", table.path()));
    refuse_unknown_clock(table);
    for (std::size_t i = 0; i < table.rows(); ++i) {
        MeasuredRow row;
        row.place = table.place(i);
        row.name = table.text(i, "operator");
        row.shape = table.text(i, "shape");
        row.cycles = cycles_of(table, i);
        row.clock_mhz = clock_of(table, i);
        const MeasuredOperator* measured = find_measured(row.name);
        if (!measured)
            throw TableError(fmt::format("{}: there is no operator '{}'; nearest: '{}'", row.place,
                                         text::shown(row.name), scenario::nearest(row.name, measured_operators())));
        try {
            row.part = measured->part;
            row.request = request_of(*measured, row.shape);
        } catch (const TableError& error) {
            throw TableError(fmt::format("{}: {}", row.place, error.what()));
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

} // namespace gradus::validate
