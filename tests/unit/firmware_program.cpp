// SPDX-License-Identifier: Apache-2.0
// What takes long where it is not optimised.
#include "tests/unit/firmware_program.h"

namespace gradus::test {

float Program::real() { return static_cast<float>(std::normal_distribution<double>()(random)); }

Matrix Program::matrix(std::uint32_t rows, std::uint32_t cols) {
    Matrix m{0, rows, cols, (cols + (number(0, 3) ? 0 : number(1, 5))) * 4};
    m.address = chip.allocate_dram(std::uint64_t{rows} * m.pitch);
    for (std::uint32_t r = 0; r < rows; ++r)
        for (std::uint32_t c = 0; c < cols; ++c)
            m.at(r, c) = real();
    return m;
}

} // namespace gradus::test
