// SPDX-License-Identifier: Apache-2.0
// The file format of NumPy's arrays, version 1.0.
#pragma once

#include <cstdint>
#include <string>

namespace gradus::weights {

/// What stands in front of rows * cols numbers, fp32 and little endian, row by row. A multiple of 64 bytes.
std::string npy_header(std::uint64_t rows, std::uint64_t cols);

} // namespace gradus::weights
