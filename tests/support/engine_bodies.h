// SPDX-License-Identifier: Apache-2.0
// Commands of the engines whose operands lie in a stand's scratchpad, 128 KiB apart, without gaps between rows.
#pragma once

#include <cstdint>

#include "ip/engine/matrix_command.h"
#include "ip/engine/vector_command.h"
#include "tests/support/engine_stand.h"

namespace gradus::test {

/// C [m, n] = A [m, k] B [k, n], fp32.
inline matrix_body gapless(std::uint32_t m, std::uint32_t n, std::uint32_t k) {
    matrix_body body{};
    body.m = m;
    body.n = n;
    body.k = k;
    body.a = engine_scratchpad_base;
    body.b = engine_scratchpad_base + 0x20000;
    body.c = engine_scratchpad_base + 0x40000;
    body.bias = engine_scratchpad_base + 0x60000;
    body.a_pitch = k * 4;
    body.b_pitch = n * 4;
    body.c_pitch = n * 4;
    return body;
}

/// Rows of `cols` fp32 values; an indexed operation may pick any of them.
inline vector_body gapless(std::uint32_t rows, std::uint32_t cols) {
    vector_body body{};
    body.rows = rows;
    body.cols = cols;
    body.dst = engine_scratchpad_base;
    body.a = engine_scratchpad_base + 0x20000;
    body.b = engine_scratchpad_base + 0x40000;
    body.c = engine_scratchpad_base + 0x60000;
    body.dst_pitch = body.a_pitch = body.b_pitch = cols * 4;
    body.u.indexed.index_limit = cols;
    body.u.window.window = cols;
    return body;
}

} // namespace gradus::test
