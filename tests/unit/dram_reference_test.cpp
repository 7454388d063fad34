// SPDX-License-Identifier: Apache-2.0
// The DRAM model against two simulators, on the streams of scenarios/validation/dram.csv. Prints the errors.
#include <cmath>
#include <iostream>
#include <sstream>

#include <gtest/gtest.h>

#include "platform/validate/dram_streams.h"
#include "platform/validate/table.h"
#include "tests/support/dram_standards.h"

namespace gradus::validate::dram_reference_test {
namespace {

struct Errors {
    double mean = 0;
    double worst = 0;
    double row_hits = 0; ///< largest difference of the rates
    unsigned rows = 0;
};

/// Relative errors of the time on every stream that a simulator was measured on.
Errors errors_against(const std::string& simulator) {
    const Table table("scenarios/validation/dram.csv");
    Errors errors;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        if (table.text(row, "simulator") != simulator) continue;
        std::vector<std::string> overrides{"chip.dram.mapping=" + table.text(row, "mapping")};
        std::istringstream more(table.text(row, "overrides"));
        for (std::string each; more >> each;)
            overrides.push_back(each);
        const DramStreamResult result =
            play_dram_stream(test::dram_standard(table.text(row, "file"), overrides), table.text(row, "pattern"));
        const double time = static_cast<double>(result.time) / 1000;
        const double error = std::abs(time / table.number(row, "time_ns") - 1);
        errors.mean += error;
        errors.worst = std::max(errors.worst, error);
        errors.row_hits = std::max(errors.row_hits, std::abs(result.row_hits - table.number(row, "row_hits")));
        ++errors.rows;
    }
    errors.mean /= errors.rows;
    std::cout << simulator << ": " << errors.rows << " streams, mean " << 100 * errors.mean << " %, worst "
              << 100 * errors.worst << " %, row-hit rate within " << errors.row_hits << "\n";
    return errors;
}

TEST(DramReference, WithinOnePercentOfRamulatorAndThreeAtWorst) {
    const Errors errors = errors_against("Ramulator 2.1");
    EXPECT_EQ(errors.rows, 35u);
    EXPECT_LE(errors.mean, 0.01);
    EXPECT_LE(errors.worst, 0.03);
    EXPECT_LE(errors.row_hits, 0.02);
}

TEST(DramReference, WithinTwoAndAHalfPercentOfDramsysOnAverage) {
    const Errors errors = errors_against("DRAMSys 5.1");
    EXPECT_EQ(errors.rows, 35u);
    EXPECT_LE(errors.mean, 0.025);
}

} // namespace
} // namespace gradus::validate::dram_reference_test
