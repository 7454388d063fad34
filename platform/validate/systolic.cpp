// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "ip/engine/matrix_folds.h"
#include "platform/validate/check.h"

namespace gradus::validate {

Reference check_systolic_arrays(const Places& places) {
    const Table table(places.scenarios + "/validation/systolic.csv");
    Reference reference = described_by(table);
    for (std::size_t row = 0; row < table.rows(); ++row) {
        const auto cell = [&](const char* column) { return static_cast<std::uint32_t>(table.number(row, column)); };
        ip::MatrixParameters array;
        array.rows = cell("rows");
        array.cols = cell("cols");
        const ip::MatrixShape shape{cell("m"), cell("n"), cell("k")};
        const ip::MatrixFolds folds(shape, array);
        const auto cycles = static_cast<double>(folds.cycles());
        const auto moved_out = static_cast<double>(folds.count() * array.rows);
        const std::string what =
            fmt::format("{}x{} array, {}x{}x{}", array.rows, array.cols, shape.m, shape.n, shape.k);
        reference.checks.push_back({what + ", Kung", table.number(row, "kung"), cycles, 0.0});
        reference.checks.push_back(
            {what + ", SCALE-Sim, results moved out", table.number(row, "scale_sim"), cycles + moved_out, 0.0});
    }
    return reference;
}

} // namespace gradus::validate
