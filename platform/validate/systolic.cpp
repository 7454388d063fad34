// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "ip/engine/matrix_folds.h"
#include "platform/validate/check.h"

namespace gradus::validate {

namespace {

ip::Dataflow dataflow(const std::string& name) {
    if (name == "output") return ip::Dataflow::output;
    if (name == "weight") return ip::Dataflow::weight;
    if (name == "input") return ip::Dataflow::input;
    throw TableError(fmt::format("there is no dataflow '{}'", name));
}

/// Cycles of arrays, exact. The column `out` is 1 where the reference counts R cycles a fold to move results out.
Reference check_arrays(const std::string& path) {
    const Table table(path);
    Reference reference = described_by(table);
    for (std::size_t row = 0; row < table.rows(); ++row) {
        const auto cell = [&](const char* column) { return static_cast<std::uint32_t>(table.number(row, column)); };
        ip::MatrixParameters array;
        array.rows = cell("rows");
        array.cols = cell("cols");
        array.dataflow = dataflow(table.text(row, "dataflow"));
        const ip::MatrixShape shape{cell("m"), cell("n"), cell("k")};
        const ip::MatrixFolds folds(shape, array);
        const std::uint64_t moved_out = cell("out") ? folds.count() * array.rows : 0;
        reference.checks.push_back(
            {fmt::format("{}, {}-stationary, {}x{}, {}x{}x{}: cycles", table.text(row, "by"),
                         table.text(row, "dataflow"), array.rows, array.cols, shape.m, shape.n, shape.k),
             table.number(row, "cycles"), static_cast<double>(folds.cycles() + moved_out), 0.0});
    }
    return reference;
}

} // namespace

Reference check_systolic_arrays(const Places& places) {
    return check_arrays(places.scenarios + "/validation/systolic.csv");
}

Reference check_rtl_arrays(const Places& places) { return check_arrays(places.scenarios + "/validation/rtl.csv"); }

} // namespace gradus::validate
