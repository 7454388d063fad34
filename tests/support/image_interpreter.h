// SPDX-License-Identifier: Apache-2.0
// Executes the operators of a schedule image (firmware/include/schedule_image.h) on a memory of its own, straight from
// their definitions: what the chip has to come up with, without tiles, queues or time. Arithmetic inside an operator is
// double; between operators values are kept as fp32, as in DRAM, or as fp64, for finite differences.
#pragma once

#include <cstdint>
#include <vector>

#include "ip/common/address_range.h"
#include "tests/support/op_record.h"

namespace gradus::test {

class ImageInterpreter {
public:
    enum class Storage { fp32, fp64 };

    /// `memory` is where tensors live; it starts as zeros. The image is read only.
    ImageInterpreter(std::vector<std::uint8_t> image, std::uint64_t image_base, ip::AddressRange memory,
                     Storage storage);

    const image_header& header() const { return header_; }
    const std::vector<OpRecord>& ops() const { return ops_; }

    /// The value at an address, which is a multiple of 4. std::out_of_range outside memory and image.
    double get(std::uint64_t address) const;
    void set(std::uint64_t address, double value);
    std::vector<double> read(std::uint64_t address, std::size_t count) const;
    void write(std::uint64_t address, const std::vector<float>& values);

    void execute(const OpRecord& op, std::uint32_t step);
    /// All operators; returns the loss.
    double run_step(std::uint32_t step);
    /// The operators of the forward phase; returns the loss.
    double run_forward(std::uint32_t step);

private:
    /// A [rows, cols] window on memory.
    struct View {
        std::uint64_t address = 0;
        std::uint64_t pitch = 0;
        std::uint64_t at(std::uint64_t row, std::uint64_t col) const { return address + row * pitch + col * 4; }
    };

    View view(const OpRecord& op, unsigned operand, std::uint32_t step) const;
    double value(const View& view, std::uint64_t row, std::uint64_t col) const { return get(view.at(row, col)); }
    std::uint32_t word(std::uint64_t address) const;
    /// Stores to operand 0, or adds to it.
    void store(const OpRecord& op, const View& view, std::uint64_t row, std::uint64_t col, double value);

    void embed(const OpRecord& op, std::uint32_t step);
    void embed_backward(const OpRecord& op, std::uint32_t step);
    void rmsnorm(const OpRecord& op, std::uint32_t step);
    void rmsnorm_backward(const OpRecord& op, std::uint32_t step);
    void matmul(const OpRecord& op, std::uint32_t step);
    void softmax(const OpRecord& op, std::uint32_t step);
    void softmax_backward(const OpRecord& op, std::uint32_t step);
    void elementwise(const OpRecord& op, std::uint32_t step);
    void cross_entropy(const OpRecord& op, std::uint32_t step);
    void cross_entropy_backward(const OpRecord& op, std::uint32_t step);
    void adam(const OpRecord& op, std::uint32_t step);
    void column_sum(const OpRecord& op, std::uint32_t step);

    std::vector<std::uint8_t> image_;
    std::uint64_t image_base_;
    ip::AddressRange memory_;
    Storage storage_;
    std::vector<double> values_; ///< one for every 4 bytes of memory_
    image_header header_{};
    std::vector<OpRecord> ops_;
};

} // namespace gradus::test
