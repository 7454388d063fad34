// SPDX-License-Identifier: Apache-2.0
#include "ip/engine/matrix_array.h"

#include <algorithm>

namespace gradus::ip {

void MatrixTask::begin_row(std::uint32_t row, std::uint32_t col, std::uint32_t cols, float* sums) const {
    if (c)
        std::copy_n(c + std::size_t{row} * shape.n + col, cols, sums);
    else
        std::fill_n(sums, cols, 0.0F);
    if (!bias) return;
    for (std::uint32_t j = 0; j < cols; ++j)
        sums[j] += bias[col + j];
}

void TimingArray::results(const MatrixTask& task, const MatrixBlock& block, float* c) {
    for (std::uint32_t r = 0; r < block.rows; ++r)
        task.begin_row(block.row + r, block.col, block.cols, c + std::size_t{r} * block.cols);
    MatrixView a = task.a, b = task.b;
    a.data += block.row * a.row_stride;
    b.data += block.col * b.col_stride;
    product_.accumulate(block.rows, block.cols, task.shape.k, a, b, c, block.cols);
}

} // namespace gradus::ip
