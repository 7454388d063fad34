// SPDX-License-Identifier: Apache-2.0
#include "tests/support/image_interpreter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "ip/common/command.h"

namespace gradus::test {
namespace {

double to_bf16(double value) {
    const float single = static_cast<float>(value);
    std::uint32_t bits = 0;
    std::memcpy(&bits, &single, 4);
    bits += 0x7fffu + ((bits >> 16) & 1u); // to nearest, ties to even
    bits &= 0xffff0000u;
    float rounded = 0;
    std::memcpy(&rounded, &bits, 4);
    return rounded;
}

constexpr double gelu_slope = 0.7978845608028654; // sqrt(2 / pi)
constexpr double gelu_cubic = 0.044715;

double activate(std::uint32_t activation, double x) {
    switch (activation) {
    case ACTIVATION_RELU:
        return x > 0 ? x : 0;
    case ACTIVATION_GELU:
        return 0.5 * x * (1 + std::tanh(gelu_slope * (x + gelu_cubic * x * x * x)));
    case ACTIVATION_SILU:
        return x / (1 + std::exp(-x));
    default:
        throw std::invalid_argument("unknown activation");
    }
}

double activation_slope(std::uint32_t activation, double x) {
    switch (activation) {
    case ACTIVATION_RELU:
        return x > 0 ? 1 : 0;
    case ACTIVATION_GELU: {
        const double t = std::tanh(gelu_slope * (x + gelu_cubic * x * x * x));
        return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * gelu_slope * (1 + 3 * gelu_cubic * x * x);
    }
    case ACTIVATION_SILU: {
        const double s = 1 / (1 + std::exp(-x));
        return s * (1 + x * (1 - s));
    }
    default:
        throw std::invalid_argument("unknown activation");
    }
}

} // namespace

ImageInterpreter::ImageInterpreter(std::vector<std::uint8_t> image, std::uint64_t image_base, ip::AddressRange memory,
                                   Storage storage)
    : image_(std::move(image)), image_base_(image_base), memory_(memory), storage_(storage),
      values_(memory.bytes / 4, 0.0) {
    if (image_.size() < sizeof header_) throw std::invalid_argument("an image is at least its header");
    std::memcpy(&header_, image_.data(), sizeof header_);
    if (header_.magic != IMAGE_MAGIC || header_.version != IMAGE_VERSION || header_.update_stride == 0 ||
        header_.op_offset + std::uint64_t{header_.op_count} * header_.op_bytes > image_.size())
        throw std::invalid_argument("not an image of this version");
    for (std::uint64_t i = 0; i < header_.op_count; ++i)
        ops_.push_back(op_record(image_.data() + header_.op_offset + i * header_.op_bytes, header_.op_bytes));
}

std::uint32_t ImageInterpreter::word(std::uint64_t address) const {
    if (address < image_base_ || address - image_base_ + 4 > image_.size())
        throw std::out_of_range("outside the image");
    std::uint32_t bits = 0;
    std::memcpy(&bits, image_.data() + (address - image_base_), 4);
    return bits;
}

double ImageInterpreter::get(std::uint64_t address) const {
    if (memory_.contains(address, 4)) return values_[(address - memory_.base) / 4];
    const std::uint32_t bits = word(address);
    float value = 0;
    std::memcpy(&value, &bits, 4);
    return value;
}

void ImageInterpreter::set(std::uint64_t address, double value) {
    if (!memory_.contains(address, 4)) throw std::out_of_range("outside the memory of tensors");
    values_[(address - memory_.base) / 4] = storage_ == Storage::fp32 ? static_cast<float>(value) : value;
}

std::vector<double> ImageInterpreter::read(std::uint64_t address, std::size_t count) const {
    std::vector<double> result(count);
    for (std::size_t i = 0; i < count; ++i)
        result[i] = get(address + 4 * i);
    return result;
}

void ImageInterpreter::write(std::uint64_t address, const std::vector<float>& values) {
    for (std::size_t i = 0; i < values.size(); ++i)
        set(address + 4 * i, values[i]);
}

ImageInterpreter::View ImageInterpreter::view(const OpRecord& op, unsigned operand, std::uint32_t step) const {
    const image_operand& from = op.operand[operand];
    return {from.address + std::uint64_t{step} * from.step_stride, from.pitch};
}

void ImageInterpreter::store(const OpRecord& op, const View& view, std::uint64_t row, std::uint64_t col, double value) {
    const std::uint64_t address = view.at(row, col);
    set(address, (op.operand[0].flags & OPERAND_ACCUMULATE) ? get(address) + value : value);
}

double ImageInterpreter::run_step(std::uint32_t step) {
    for (const OpRecord& op : ops_)
        execute(op, step);
    return get(header_.loss_address);
}

double ImageInterpreter::run_forward(std::uint32_t step) {
    for (const OpRecord& op : ops_)
        if (op.phase == COMMAND_PHASE_FORWARD) execute(op, step);
    return get(header_.loss_address);
}

void ImageInterpreter::execute(const OpRecord& op, std::uint32_t step) {
    switch (op.kind) {
    case OP_EMBED:
        return embed(op, step);
    case OP_EMBED_BACKWARD:
        return embed_backward(op, step);
    case OP_RMSNORM:
        return rmsnorm(op, step);
    case OP_RMSNORM_BACKWARD:
        return rmsnorm_backward(op, step);
    case OP_MATMUL:
        return matmul(op, step);
    case OP_SOFTMAX:
        return softmax(op, step);
    case OP_SOFTMAX_BACKWARD:
        return softmax_backward(op, step);
    case OP_ADD:
    case OP_ACTIVATION:
    case OP_ACTIVATION_BACKWARD:
        return elementwise(op, step);
    case OP_CROSS_ENTROPY:
        return cross_entropy(op, step);
    case OP_CROSS_ENTROPY_BACKWARD:
        return cross_entropy_backward(op, step);
    case OP_ADAM:
        return adam(op, step);
    case OP_COLUMN_SUM:
        return column_sum(op, step);
    default:
        throw std::invalid_argument("unknown operator");
    }
}

void ImageInterpreter::embed(const OpRecord& op, std::uint32_t step) {
    const View out = view(op, 0, step);
    const View table = view(op, 1, step);
    const View position = view(op, 2, step);
    const View tokens = view(op, 3, step);
    for (std::uint32_t r = 0; r < op.dims[0]; ++r) {
        const std::uint32_t token = word(tokens.at(r, 0));
        if (token >= op.dims[2]) throw std::out_of_range("a token outside the table");
        for (std::uint32_t c = 0; c < op.dims[1]; ++c)
            set(out.at(r, c), value(table, token, c) + value(position, r % op.dims[3], c));
    }
}

void ImageInterpreter::embed_backward(const OpRecord& op, std::uint32_t step) {
    const View dtable = view(op, 0, step);
    const View dposition = view(op, 1, step);
    const View dout = view(op, 2, step);
    const View tokens = view(op, 3, step);
    for (std::uint32_t c = 0; c < op.dims[1]; ++c) {
        std::vector<double> by_token(op.dims[2]);
        std::vector<double> by_position(op.dims[3]);
        for (std::uint32_t r = 0; r < op.dims[0]; ++r) {
            by_token.at(word(tokens.at(r, 0))) += value(dout, r, c);
            by_position[r % op.dims[3]] += value(dout, r, c);
        }
        for (std::uint32_t r = 0; r < op.dims[2]; ++r)
            set(dtable.at(r, c), by_token[r]);
        for (std::uint32_t r = 0; r < op.dims[3]; ++r)
            set(dposition.at(r, c), by_position[r]);
    }
}

void ImageInterpreter::rmsnorm(const OpRecord& op, std::uint32_t step) {
    const View y = view(op, 0, step);
    const View x = view(op, 1, step);
    const View rstd = view(op, 2, step);
    const View gain = view(op, 3, step);
    const std::uint32_t cols = op.dims[1];
    for (std::uint32_t r = 0; r < op.dims[0]; ++r) {
        double squares = 0;
        for (std::uint32_t c = 0; c < cols; ++c)
            squares += value(x, r, c) * value(x, r, c);
        const double scale = 1 / std::sqrt(squares / cols + op.scalar[0]);
        set(rstd.at(r, 0), scale);
        for (std::uint32_t c = 0; c < cols; ++c)
            set(y.at(r, c), value(x, r, c) * scale * (gain.address != 0 ? value(gain, 0, c) : 1));
    }
}

void ImageInterpreter::rmsnorm_backward(const OpRecord& op, std::uint32_t step) {
    const View dx = view(op, 0, step);
    const View dy = view(op, 1, step);
    const View x = view(op, 2, step);
    const View rstd = view(op, 3, step);
    const View gain = view(op, 4, step);
    const View dgain = view(op, 5, step);
    const std::uint32_t cols = op.dims[1];
    std::vector<double> gain_gradient(cols);
    std::vector<double> g(cols);
    std::vector<double> normalized(cols);
    for (std::uint32_t r = 0; r < op.dims[0]; ++r) {
        const double scale = value(rstd, r, 0);
        double dot = 0;
        for (std::uint32_t c = 0; c < cols; ++c) {
            normalized[c] = value(x, r, c) * scale;
            g[c] = value(dy, r, c) * (gain.address != 0 ? value(gain, 0, c) : 1);
            gain_gradient[c] += value(dy, r, c) * normalized[c];
            dot += g[c] * normalized[c];
        }
        for (std::uint32_t c = 0; c < cols; ++c)
            store(op, dx, r, c, scale * (g[c] - normalized[c] * dot / cols));
    }
    if (dgain.address != 0)
        for (std::uint32_t c = 0; c < cols; ++c)
            set(dgain.at(0, c), gain_gradient[c]);
}

void ImageInterpreter::matmul(const OpRecord& op, std::uint32_t step) {
    const auto [m, n, k] = std::array{op.dims[0], op.dims[1], op.dims[2]};
    const bool transpose_a = op.flags & OP_FLAG_TRANSPOSE_A;
    const bool transpose_b = op.flags & OP_FLAG_TRANSPOSE_B;
    const auto operand = [&](const View& from, std::uint32_t r, std::uint32_t c) {
        return (op.flags & OP_FLAG_BF16) ? to_bf16(value(from, r, c)) : value(from, r, c);
    };
    const View bias = view(op, 3, step);
    for (std::uint64_t i = 0; i < op.outer_count; ++i)
        for (std::uint64_t j = 0; j < op.inner_count; ++j) {
            std::array<View, 3> part{};
            for (unsigned o = 0; o < 3; ++o) {
                part[o] = view(op, o, step);
                part[o].address += i * op.operand[o].outer_stride + j * op.operand[o].inner_stride;
            }
            const auto& [c, a, b] = part;
            for (std::uint32_t row = 0; row < m; ++row)
                for (std::uint32_t col = 0; col < n; ++col) {
                    double sum = bias.address != 0 ? value(bias, 0, col) : 0;
                    for (std::uint32_t x = 0; x < k; ++x)
                        sum += (transpose_a ? operand(a, x, row) : operand(a, row, x)) *
                               (transpose_b ? operand(b, col, x) : operand(b, x, col));
                    store(op, c, row, col, sum);
                }
        }
}

void ImageInterpreter::softmax(const OpRecord& op, std::uint32_t step) {
    const View y = view(op, 0, step);
    const View x = view(op, 1, step);
    for (std::uint32_t r = 0; r < op.dims[0]; ++r) {
        const std::uint32_t visible =
            (op.flags & OP_FLAG_CAUSAL) ? std::min(op.dims[1], r % op.dims[2] + 1) : op.dims[1];
        std::vector<double> terms(op.dims[1], 0.0);
        double largest = value(x, r, 0);
        for (std::uint32_t c = 1; c < visible; ++c)
            largest = std::max(largest, value(x, r, c));
        double sum = 0;
        for (std::uint32_t c = 0; c < visible; ++c)
            sum += terms[c] = std::exp((value(x, r, c) - largest) * op.scalar[0]);
        for (std::uint32_t c = 0; c < op.dims[1]; ++c)
            set(y.at(r, c), terms[c] / sum);
    }
}

void ImageInterpreter::softmax_backward(const OpRecord& op, std::uint32_t step) {
    const View dx = view(op, 0, step);
    const View dy = view(op, 1, step);
    const View y = view(op, 2, step);
    for (std::uint32_t r = 0; r < op.dims[0]; ++r) {
        double dot = 0;
        for (std::uint32_t c = 0; c < op.dims[1]; ++c)
            dot += value(dy, r, c) * value(y, r, c);
        for (std::uint32_t c = 0; c < op.dims[1]; ++c)
            store(op, dx, r, c, op.scalar[0] * value(y, r, c) * (value(dy, r, c) - dot));
    }
}

void ImageInterpreter::elementwise(const OpRecord& op, std::uint32_t step) {
    const View y = view(op, 0, step);
    const View a = view(op, 1, step);
    const View b = view(op, 2, step);
    for (std::uint32_t r = 0; r < op.dims[0]; ++r)
        for (std::uint32_t c = 0; c < op.dims[1]; ++c) {
            if (op.kind == OP_ADD)
                store(op, y, r, c, value(a, r, c) + value(b, r, c));
            else if (op.kind == OP_ACTIVATION)
                store(op, y, r, c, activate(op.dims[2], value(a, r, c)));
            else
                store(op, y, r, c, value(a, r, c) * activation_slope(op.dims[2], value(b, r, c)));
        }
}

void ImageInterpreter::cross_entropy(const OpRecord& op, std::uint32_t step) {
    const View p = view(op, 0, step);
    const View loss = view(op, 1, step);
    const View logits = view(op, 2, step);
    const View targets = view(op, 3, step);
    const View weights = view(op, 4, step);
    double total = 0;
    for (std::uint32_t r = 0; r < op.dims[0]; ++r) {
        double largest = value(logits, r, 0);
        for (std::uint32_t c = 1; c < op.dims[1]; ++c)
            largest = std::max(largest, value(logits, r, c));
        double sum = 0;
        for (std::uint32_t c = 0; c < op.dims[1]; ++c)
            sum += std::exp(value(logits, r, c) - largest);
        for (std::uint32_t c = 0; c < op.dims[1]; ++c)
            set(p.at(r, c), std::exp(value(logits, r, c) - largest) / sum);
        const std::uint32_t target = word(targets.at(r, 0));
        if (target >= op.dims[1]) throw std::out_of_range("a target outside the vocabulary");
        total += value(weights, r, 0) * (std::log(sum) + largest - value(logits, r, target));
    }
    set(loss.at(0, 0), total);
}

void ImageInterpreter::cross_entropy_backward(const OpRecord& op, std::uint32_t step) {
    const View dlogits = view(op, 0, step);
    const View p = view(op, 1, step);
    const View targets = view(op, 2, step);
    const View weights = view(op, 3, step);
    for (std::uint32_t r = 0; r < op.dims[0]; ++r)
        for (std::uint32_t c = 0; c < op.dims[1]; ++c) {
            const double one_hot = word(targets.at(r, 0)) == c ? 1 : 0;
            set(dlogits.at(r, c), (value(p, r, c) - one_hot) * value(weights, r, 0));
        }
}

void ImageInterpreter::adam(const OpRecord& op, std::uint32_t step) {
    image_update update{};
    std::memcpy(&update, image_.data() + header_.update_offset + std::uint64_t{step} * header_.update_stride,
                sizeof update);
    const View parameter = view(op, 0, step);
    const View gradient = view(op, 1, step);
    const View first = view(op, 2, step);
    const View second = view(op, 3, step);
    const double beta1 = op.scalar[0];
    const double beta2 = op.scalar[1];
    for (std::uint32_t r = 0; r < op.dims[0]; ++r)
        for (std::uint32_t c = 0; c < op.dims[1]; ++c) {
            const double p = value(parameter, r, c);
            const double g = value(gradient, r, c);
            const double m = beta1 * value(first, r, c) + (1 - beta1) * g;
            const double v = beta2 * value(second, r, c) + (1 - beta2) * g * g;
            set(first.at(r, c), m);
            set(second.at(r, c), v);
            set(parameter.at(r, c),
                p - update.decay * p - update.step_size * m / (std::sqrt(v * update.correction) + op.scalar[2]));
        }
}

void ImageInterpreter::column_sum(const OpRecord& op, std::uint32_t step) {
    const View y = view(op, 0, step);
    const View x = view(op, 1, step);
    for (std::uint32_t c = 0; c < op.dims[1]; ++c) {
        double sum = 0;
        for (std::uint32_t r = 0; r < op.dims[0]; ++r)
            sum += value(x, r, c);
        set(y.at(0, c), sum);
    }
}

} // namespace gradus::test
