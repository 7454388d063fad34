// SPDX-License-Identifier: Apache-2.0
// What the mock chip's units do with a command: the meaning of every opcode the firmware uses, in plain loops. The
// checks of descriptors are the real ones.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "ip/dma/dma_check.h"
#include "ip/engine/matrix_core.h"
#include "ip/engine/vector_core.h"
#include "tests/unit/firmware_mock_chip.h"

namespace gradus::test {

void MockChip::run_command(unsigned kind, const command& command) {
    const auto check = [](const std::optional<ip::CommandError>& error) {
        if (error)
            throw HardwareError("bad descriptor: error " + std::to_string(error->code) + ", byte " +
                                std::to_string(error->field));
    };
    const std::uint8_t opcode = command.header.opcode;
    static const ip::VectorParameters columns_known = [] {
        ip::VectorParameters parameters;
        parameters.columns = true;
        return parameters;
    }();
    dma_body dma;
    matrix_body matrix;
    vector_body vector;
    std::memcpy(&dma, command.body, sizeof dma);
    std::memcpy(&matrix, command.body, sizeof matrix);
    std::memcpy(&vector, command.body, sizeof vector);
    switch (kind) {
    case INFO_QUEUE_DMA:
        check(ip::dma_check(opcode, dma));
        return run_dma(opcode, dma);
    case INFO_QUEUE_MATRIX:
        check(ip::check_matrix(opcode, matrix));
        return run_matrix(opcode, matrix);
    default:
        check(ip::check_vector(opcode, vector, columns_known));
        return run_vector(opcode, vector);
    }
}

void MockChip::run_dma(std::uint8_t opcode, const dma_body& body) {
    const unsigned src_size = body.src_format == FORMAT_BF16 ? 2 : 4, dst_size = body.dst_format == FORMAT_BF16 ? 2 : 4;
    for (std::uint64_t r = 0; r < body.rows; ++r) {
        const bool indexed = opcode == DMA_GATHER || opcode == DMA_SCATTER;
        const std::uint64_t at = indexed ? load_index(body.index + r * 4, body.index_rows) : r;
        for (std::uint64_t c = 0; c < body.cols; ++c) {
            const std::uint64_t src = body.src + (opcode == DMA_GATHER ? at : r) * body.src_pitch + c * src_size;
            const bool transposed = body.mode & DMA_TRANSPOSE;
            const std::uint64_t dst_row = transposed ? c : opcode == DMA_SCATTER ? at : r;
            const std::uint64_t dst = body.dst + dst_row * body.dst_pitch + (transposed ? r : c) * dst_size;
            float value;
            if (opcode == DMA_FILL)
                std::memcpy(&value, &body.fill, 4);
            else
                value = load(src, body.src_format);
            if (body.mode & DMA_ACCUMULATE) value += load(dst);
            store(dst, value, body.dst_format);
        }
    }
}

void MockChip::run_matrix(std::uint8_t, const matrix_body& body) {
    const auto size_of = [](std::uint8_t format) { return std::uint64_t{format == FORMAT_BF16 ? 2U : 4U}; };
    const std::uint64_t a_size = size_of(body.a_format), b_size = size_of(body.b_format);
    for (std::uint64_t i = 0; i < body.m; ++i)
        for (std::uint64_t j = 0; j < body.n; ++j) {
            const std::uint64_t c = body.c + i * body.c_pitch + j * size_of(body.c_format);
            double sum = body.mode & MATRIX_ACCUMULATE ? load(c) : 0;
            if (body.mode & MATRIX_BIAS) sum += load(body.bias + j * 4);
            for (std::uint64_t p = 0; p < body.k; ++p) {
                const bool ta = body.mode & MATRIX_TRANSPOSE_A, tb = body.mode & MATRIX_TRANSPOSE_B;
                const double a = load(body.a + (ta ? p : i) * body.a_pitch + (ta ? i : p) * a_size, body.a_format);
                const double b = load(body.b + (tb ? j : p) * body.b_pitch + (tb ? p : j) * b_size, body.b_format);
                sum += a * b;
            }
            store(c, static_cast<float>(sum), body.c_format);
        }
}

double vector_element(std::uint8_t opcode, double a, double b, double s0, double s1) {
    const double sigmoid = 1 / (1 + std::exp(-a));
    const double u = std::sqrt(2 / std::acos(-1.0)) * (a + 0.044715 * a * a * a), t = std::tanh(u);
    const double du = std::sqrt(2 / std::acos(-1.0)) * (1 + 3 * 0.044715 * a * a);
    switch (opcode) {
    case VECTOR_ADD:
        return a + b;
    case VECTOR_SUB:
        return a - b;
    case VECTOR_MUL:
        return a * b;
    case VECTOR_MAX:
        return std::max(a, b);
    case VECTOR_BLEND:
        return a * s0 + b * s1;
    case VECTOR_AFFINE:
        return a * s0 + s1;
    case VECTOR_EXP:
        return std::exp(a);
    case VECTOR_LOG:
        return std::log(a);
    case VECTOR_RECIPROCAL:
        return 1 / a;
    case VECTOR_RSQRT:
        return 1 / std::sqrt(a);
    case VECTOR_RELU:
        return std::max(a, 0.0);
    case VECTOR_GELU:
        return 0.5 * a * (1 + t);
    case VECTOR_SILU:
        return a * sigmoid;
    case VECTOR_GELU_ERF:
        return 0.5 * a * std::erfc(-a / std::sqrt(2.0));
    case VECTOR_GELU_ERF_BACKWARD:
        return b * (0.5 * std::erfc(-a / std::sqrt(2.0)) + a * std::exp(-a * a / 2) / std::sqrt(2 * std::acos(-1.0)));
    case VECTOR_RELU_BACKWARD:
        return a > 0 ? b : 0;
    case VECTOR_GELU_BACKWARD:
        return b * (0.5 * (1 + t) + 0.5 * a * (1 - t * t) * du);
    case VECTOR_SILU_BACKWARD:
        return b * (sigmoid + a * sigmoid * (1 - sigmoid));
    default:
        throw HardwareError("an opcode that the mock does not know");
    }
}

void MockChip::run_vector(std::uint8_t opcode, const vector_body& body) {
    const auto a = [&](std::uint64_t r, std::uint64_t c) { return load(body.a + r * body.a_pitch + c * 4); };
    const auto b = [&](std::uint64_t r, std::uint64_t c) {
        return load(body.b_mode == VECTOR_B_COLUMN ? body.b + r * 4 : body.b + r * body.b_pitch + c * 4);
    };
    const std::uint64_t rows = body.rows, cols = body.cols;
    const bool two_sources =
        opcode <= VECTOR_BLEND || (opcode >= VECTOR_RELU_BACKWARD && opcode <= VECTOR_GELU_ERF_BACKWARD);
    if (opcode == VECTOR_COLUMN_SUM || opcode == VECTOR_COLUMN_MAX) {
        for (std::uint64_t c = 0; c < cols; ++c) {
            double sum = 0, maximum = -HUGE_VAL;
            for (std::uint64_t r = 0; r < rows; ++r) {
                sum += a(r, c);
                maximum = std::max<double>(maximum, a(r, c));
            }
            store(body.dst + c * 4, static_cast<float>(opcode == VECTOR_COLUMN_SUM ? sum : maximum));
        }
        return;
    }
    if (opcode == VECTOR_COLUMN_EXP) {
        for (std::uint64_t c = 0; c < cols; ++c) {
            double sum = 0;
            for (std::uint64_t r = 0; r < rows; ++r) {
                const double term = std::exp(double{a(r, c)} - b(r, c));
                store(body.dst + r * body.dst_pitch + c * 4, static_cast<float>(term));
                sum += term;
            }
            store(body.c + c * 4, static_cast<float>(sum));
        }
        return;
    }
    for (std::uint64_t r = 0; r < rows; ++r) {
        double sum = 0, maximum = -HUGE_VAL;
        const std::uint64_t row = body.dst + r * body.dst_pitch;
        for (std::uint64_t c = 0; c < cols && opcode != VECTOR_PICK; ++c)
            switch (opcode) {
            case VECTOR_ROW_SUM:
                sum += a(r, c);
                break;
            case VECTOR_ROW_DOT:
                sum += double{a(r, c)} * b(r, c);
                break;
            case VECTOR_ROW_MAX:
                maximum = std::max<double>(maximum, a(r, c));
                break;
            case VECTOR_CAUSAL_MASK:
                store(row + c * 4, c <= r % body.u.indexed.index_limit ? a(r, c) : body.u.indexed.mask_value);
                break;
            case VECTOR_WINDOW_MASK: {
                const auto& window = body.u.window;
                const std::int64_t last = (window.first_row + r) % window.period,
                                   col = static_cast<std::int64_t>(window.first_col + c);
                store(row + c * 4, last - window.window < col && col <= last ? a(r, c) : window.value);
                break;
            }
            case VECTOR_SUBTRACT_ONE_HOT:
                store(row + c * 4, a(r, c) - (c == load_index(body.c + r * 4, body.u.indexed.index_limit)));
                break;
            case VECTOR_ADAM: {
                const float* s = body.u.scalar;
                const std::uint64_t at = (r * cols + c) * 4;
                const double g = load(body.a + at), m = s[0] * load(body.b + at) + (1 - s[0]) * g;
                const double v = s[1] * load(body.c + at) + (1 - s[1]) * g * g, p = load(body.dst + at);
                store(body.b + at, static_cast<float>(m));
                store(body.c + at, static_cast<float>(v));
                store(body.dst + at, static_cast<float>(p - s[5] * p - s[3] * m / (std::sqrt(v * s[4]) + s[2])));
                break;
            }
            default:
                store(row + c * 4, static_cast<float>(vector_element(opcode, a(r, c), two_sources ? b(r, c) : 0,
                                                                     body.u.scalar[0], body.u.scalar[1])));
            }
        if (opcode == VECTOR_ROW_SUM || opcode == VECTOR_ROW_DOT) store(body.dst + r * 4, static_cast<float>(sum));
        if (opcode == VECTOR_ROW_MAX) store(body.dst + r * 4, static_cast<float>(maximum));
        if (opcode == VECTOR_PICK)
            store(body.dst + r * 4, a(r, load_index(body.c + r * 4, body.u.indexed.index_limit)));
    }
}

} // namespace gradus::test
