// SPDX-License-Identifier: Apache-2.0
// Rows that somebody measured on real hardware, and what a chip makes of them. A table (table.h) with the columns
//   operator   one of measured_operators()
//   shape      "1x32x256"; of a copy the bytes
//   cycles     measured
//   clock_mhz  of the chip they were measured on; without the column or a number in it, the chip's own
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/schedule/operator.h"
#include "platform/validate/table.h"

namespace gradus::validate {

/// Whose time counts.
enum class MeasuredPart { whole, load, store, matrix };

struct MeasuredRow {
    std::string place; ///< "FILE:LINE", for messages
    std::string name;  ///< of the operator
    std::string shape;
    std::optional<double> clock_mhz;
    double cycles = 0;
    schedule::OperatorRequest request; ///< what is run for it
    MeasuredPart part = MeasuredPart::whole;
};

/// What can be measured. copy_in and copy_out are the DMA channel's part of a copy alone; gemm_unit is the matrix
/// unit's part of a bf16 product; everything else is the whole operator from DRAM to DRAM: gemm in bf16, norms and
/// softmax in fp32, and elementwise ones, measured in bf16, as half as many elements of fp32.
std::vector<std::string_view> measured_operators();

/// Throws TableError for a table without rows, an unknown operator, a shape that is none, cycles that are not positive
/// or beyond reason, a clock that no chip can have, and one in another unit.
std::vector<MeasuredRow> measured_rows(const Table& table);

/// Cycles of the row on the chip, in the row's clock, as measured there. In this process, which can simulate nothing
/// else after it. Throws std::runtime_error.
double modelled_cycles(const scenario::ChipParameters& chip, const MeasuredRow& row, const std::string& firmware);

} // namespace gradus::validate
