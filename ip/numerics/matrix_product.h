// SPDX-License-Identifier: Apache-2.0
// The arithmetic of the matrix unit: C += A B on fp32.
//
// Every element of C is one accumulator, as in an output-stationary array: it starts with what C holds and adds
// a[i, p] * b[p, j] for p = 0, 1, ... in that order, each product and each sum rounded to fp32 on its own. So a result
// depends neither on the shape of the array, nor on how a product is cut into tiles along m, n or k (with
// accumulation), nor on the host. That defined order is why this is not a library's product: those sum in blocks. Not
// modelled: wider accumulators, fused multiply-add, other roundings than to nearest even.
#pragma once

#include <cstddef>
#include <vector>

namespace gradus::ip {

/// Element (r, c) of an fp32 matrix stands at data[r * row_stride + c * col_stride]. A stride of 0 repeats.
struct MatrixView {
    const float* data = nullptr;
    std::size_t row_stride = 0;
    std::size_t col_stride = 1;

    MatrixView transposed() const { return {data, col_stride, row_stride}; }
};

class MatrixProduct {
public:
    /// c[m, n] += a[m, k] * b[k, n]; row r of c starts at c + r * c_stride and overlaps neither a nor b.
    void accumulate(std::size_t m, std::size_t n, std::size_t k, MatrixView a, MatrixView b, float* c,
                    std::size_t c_stride);

private:
    // Reused, so that a command allocates nothing: columns of B side by side, and the last columns of C.
    std::vector<float> panel_, edge_;
};

} // namespace gradus::ip
