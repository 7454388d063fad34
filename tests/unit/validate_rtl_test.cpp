// SPDX-License-Identifier: Apache-2.0
// The cycles that scenarios/validation/rtl.csv records are those of the RTL.
#include <algorithm>
#include <memory>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "ip/engine/rtl/rtl_array.h"
#include "platform/validate/table.h"

namespace gradus::validate::validate_rtl_test {
namespace {

ip::Dataflow dataflow(const std::string& name) {
    return name == "output" ? ip::Dataflow::output : name == "weight" ? ip::Dataflow::weight : ip::Dataflow::input;
}

TEST(ValidationRtl, RecordedCyclesAreThoseOfTheRtl) {
    const Table table("scenarios/validation/rtl.csv");
    ASSERT_GT(table.rows(), 10u);
    for (std::size_t row = 0; row < table.rows(); ++row) {
        const auto cell = [&](const char* column) { return static_cast<std::uint32_t>(table.number(row, column)); };
        ip::MatrixParameters parameters;
        parameters.rows = cell("rows");
        parameters.cols = cell("cols");
        parameters.dataflow = dataflow(table.text(row, "dataflow"));
        ip::MatrixTask task;
        task.shape = {cell("m"), cell("n"), cell("k")};
        const std::vector<float> zeros(std::size_t{task.shape.k} * std::max(task.shape.m, task.shape.n));
        task.a = {zeros.data(), task.shape.k, 1};
        task.b = {zeros.data(), task.shape.n, 1};
        std::unique_ptr<ip::MatrixArray> rtl;
        try {
            rtl = ip::make_rtl_array(parameters);
        } catch (const std::invalid_argument&) {
            GTEST_SKIP() << "built without Verilator";
        }
        rtl->start(task);
        const std::uint64_t outer = ip::MatrixFolds(task.shape, parameters).outer();
        EXPECT_EQ(rtl->cycles_until(outer), cell("cycles")) << "row " << row;
    }
}

} // namespace
} // namespace gradus::validate::validate_rtl_test
