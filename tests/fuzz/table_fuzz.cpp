// SPDX-License-Identifier: Apache-2.0
// links: gradus_validate_measured
// Tables of references and measurements, as `gradus calibrate` and `gradus validate` read them: every row has its
// cells, and a measured row is an operator that can be asked for.
#include <algorithm>
#include <cmath>

#include "platform/validate/measured_row.h"
#include "platform/validate/table.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace gradus;
using fuzz::claim;
using validate::Table;
using validate::TableError;

void claim_rows(const Table& table) {
    for (std::size_t row = 0; row < table.rows(); ++row) {
        fuzz::claim_one_line(table.place(row));
        for (const std::string& name : table.columns()) {
            const std::string column = text::column_key(name);
            claim(table.has(column), "a column is found by its name");
            if (column.empty()) continue; // there may be several without a name
            table.text(row, column);
            if (const auto number = fuzz::read_or_refuse<TableError>([&] { return table.positive(row, column); }))
                claim(std::isfinite(*number) && *number > 0, "a positive number is one");
        }
    }
}

void claim_measured(const std::vector<validate::MeasuredRow>& rows) {
    const auto names = validate::measured_operators();
    claim(!rows.empty(), "there is something to fit to");
    for (const validate::MeasuredRow& row : rows) {
        claim(std::find(names.begin(), names.end(), row.name) != names.end(), "an operator is known");
        claim(row.cycles > 0 && std::isfinite(row.cycles), "cycles are a number");
        claim(!row.clock_mhz || *row.clock_mhz > 0, "a clock is a clock");
        claim(!row.request.dims.empty() && std::count(row.request.dims.begin(), row.request.dims.end(), 0U) == 0,
              "a shape has no dimension of 0");
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto table = fuzz::read_or_refuse<TableError>([&] { return Table("input", fuzz::text_of(data, size)); });
    if (!table) return 0;
    claim_rows(*table);
    fuzz::claim_one_line("about " + table->about("name").substr(0, 100));
    if (const auto rows = fuzz::read_or_refuse<TableError>([&] { return validate::measured_rows(*table); })) {
        claim(rows->size() == table->rows(), "every row is measured");
        claim_measured(*rows);
    }
    return 0;
}
