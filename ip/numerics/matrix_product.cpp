// SPDX-License-Identifier: Apache-2.0
#include "ip/numerics/matrix_product.h"

#include <cstring>
#include <type_traits>

namespace gradus::ip {

namespace {

// Four lanes of a host vector register, spelled out because compilers spill the accumulators of a plain loop nest.
// Lanes never mix, so the order of sums in an element is that of the scalar loop.
using Lanes = float __attribute__((vector_size(16)));
constexpr std::size_t lanes = 4;

// A tile of accumulators that fits the 16 vector registers of x86-64 with room for operands.
constexpr std::size_t tile_rows = 4;
constexpr std::size_t tile_cols = 8;
// From this many rows of A on it pays to copy a column panel of B together.
constexpr std::size_t rows_worth_packing = 48;

struct Strided {
    const float* data;
    std::size_t row;
    std::size_t col;
};

Lanes load(const float* from) {
    Lanes value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

/// c[Rows, Registers * 4] += a[Rows, k] b[k, Registers * 4], with the accumulators in registers.
template <std::size_t Rows, std::size_t Registers>
void multiply_tile(std::size_t k, Strided a, const float* b, std::size_t b_row, float* c, std::size_t c_row) {
    Lanes sum[Rows][Registers];
    for (std::size_t i = 0; i < Rows; ++i)
        for (std::size_t j = 0; j < Registers; ++j)
            sum[i][j] = load(c + i * c_row + j * lanes);
    for (std::size_t p = 0; p < k; ++p) {
        for (std::size_t i = 0; i < Rows; ++i) {
            const float factor = a.data[i * a.row + p * a.col];
            for (std::size_t j = 0; j < Registers; ++j)
                sum[i][j] += factor * load(b + p * b_row + j * lanes);
        }
    }
    for (std::size_t i = 0; i < Rows; ++i)
        for (std::size_t j = 0; j < Registers; ++j)
            std::memcpy(c + i * c_row + j * lanes, &sum[i][j], sizeof(Lanes));
}

/// c[m, Registers * 4] += a[m, k] b[k, Registers * 4]
template <std::size_t Registers>
void multiply_panel(std::size_t m, std::size_t k, Strided a, const float* b, std::size_t b_row, float* c,
                    std::size_t c_row) {
    std::size_t i = 0;
    const auto rows_from = [&](std::size_t row) { return Strided{a.data + row * a.row, a.row, a.col}; };
    for (; i + tile_rows <= m; i += tile_rows)
        multiply_tile<tile_rows, Registers>(k, rows_from(i), b, b_row, c + i * c_row, c_row);
    switch (m - i) {
    case 3:
        return multiply_tile<3, Registers>(k, rows_from(i), b, b_row, c + i * c_row, c_row);
    case 2:
        return multiply_tile<2, Registers>(k, rows_from(i), b, b_row, c + i * c_row, c_row);
    case 1:
        return multiply_tile<1, Registers>(k, rows_from(i), b, b_row, c + i * c_row, c_row);
    default:
        return;
    }
}

/// panel[k, width] = the first `cols` columns of b, padded with zeros.
void pack(std::size_t k, std::size_t cols, std::size_t width, Strided b, float* panel) {
    for (std::size_t p = 0; p < k; ++p) {
        const float* from = b.data + p * b.row;
        for (std::size_t q = 0; q < width; ++q)
            panel[p * width + q] = q < cols ? from[q * b.col] : 0.0F;
    }
}

} // namespace

void MatrixProduct::accumulate(std::size_t m, std::size_t n, std::size_t k, MatrixView a, MatrixView b, float* c,
                               std::size_t c_stride) {
    const Strided rows{a.data, a.row_stride, a.col_stride};
    const bool packed = b.col_stride != 1 || m >= rows_worth_packing;
    if (panel_.size() < k * tile_cols) panel_.resize(k * tile_cols);

    const auto panel = [&](auto registers, std::size_t j) {
        constexpr std::size_t cols = decltype(registers)::value * lanes;
        const Strided from{b.data + j * b.col_stride, b.row_stride, b.col_stride};
        if (packed) pack(k, cols, cols, from, panel_.data());
        multiply_panel<decltype(registers)::value>(m, k, rows, packed ? panel_.data() : from.data,
                                                   packed ? cols : from.row, c + j, c_stride);
    };

    std::size_t j = 0;
    for (; j + tile_cols <= n; j += tile_cols)
        panel(std::integral_constant<std::size_t, tile_cols / lanes>{}, j);
    for (; j + lanes <= n; j += lanes)
        panel(std::integral_constant<std::size_t, 1>{}, j);
    if (j == n) return;

    // What is left is narrower than a register: work on a copy that is as wide as one.
    const std::size_t left = n - j;
    if (edge_.size() < m * lanes) edge_.resize(m * lanes);
    pack(k, left, lanes, {b.data + j * b.col_stride, b.row_stride, b.col_stride}, panel_.data());
    pack(m, left, lanes, {c + j, c_stride, 1}, edge_.data());
    multiply_panel<1>(m, k, rows, panel_.data(), lanes, edge_.data(), lanes);
    for (std::size_t i = 0; i < m; ++i)
        for (std::size_t q = 0; q < left; ++q)
            c[i * c_stride + j + q] = edge_[i * lanes + q];
}

} // namespace gradus::ip
