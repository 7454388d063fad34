// SPDX-License-Identifier: Apache-2.0
// RTL in place of the matrix unit's timing core: Verilated systolic arrays (output_stationary.sv, weight_stationary.sv)
// that are clocked through every fold of a product. Cycles are counted, numbers are what the array puts out; its cells
// multiply and add through a DPI function, so that they are the host model's own. doc/rtl.md says how other RTL would
// stand in.
#pragma once

#include <memory>

#include "ip/engine/matrix_array.h"

namespace gradus::ip {

/// Rows and columns that the RTL was built for.
inline constexpr unsigned rtl_array_limit = 16;

/// Throws std::invalid_argument, with a message for people that names the key, where the RTL cannot stand in: the build
/// has none; an array larger than rtl_array_limit; the dot-product unit; overlapped folds, whose operands arrive while
/// the array is at work; trimmed folds.
std::unique_ptr<MatrixArray> make_rtl_array(const MatrixParameters& parameters);

} // namespace gradus::ip
