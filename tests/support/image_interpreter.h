// SPDX-License-Identifier: Apache-2.0
// Executes the operators of a schedule image (firmware/include/schedule_image.h) on a memory of its own, by the
// references of their definitions: what the chip has to come up with, without tiles, queues or time. Arithmetic inside
// an operator is double; between operators values are kept in their tensor's format, as in DRAM, or as fp64, for finite
// differences.
#pragma once

#include <cstdint>
#include <vector>

#include "ip/common/address_range.h"
#include "platform/schedule/ops/reference.h"
#include "tests/support/op_record.h"

namespace gradus::test {

class ImageInterpreter : private schedule::ReferenceMemory<double> {
public:
    enum class Storage { fp32, fp64 }; ///< fp32: or bf16, where that is the format

    /// `memory` is where tensors live; it starts as zeros. The image is read only.
    ImageInterpreter(std::vector<std::uint8_t> image, std::uint64_t image_base, ip::AddressRange memory,
                     Storage storage);

    const image_header& header() const { return header_; }
    const std::vector<OpRecord>& ops() const { return ops_; }

    /// The value of an element at an address. std::out_of_range outside memory and image.
    double get(std::uint64_t address) const;
    void set(std::uint64_t address, double value, unsigned format = FORMAT_FP32);
    std::vector<double> read(std::uint64_t address, std::size_t count, unsigned format = FORMAT_FP32) const;
    void write(std::uint64_t address, const std::vector<float>& values, unsigned format = FORMAT_FP32);

    void execute(const OpRecord& op, std::uint32_t step);
    /// All operators; returns the loss.
    double run_step(std::uint32_t step);
    /// The operators of the forward phase; returns the loss.
    double run_forward(std::uint32_t step);

private:
    double load(std::uint64_t address, unsigned format) const override;
    void store(std::uint64_t address, unsigned format, double value, double parts) override;
    std::uint32_t load_index(std::uint64_t address) const override;

    std::vector<std::uint8_t> image_;
    std::uint64_t image_base_;
    ip::AddressRange memory_;
    Storage storage_;
    std::vector<double> values_; ///< one for every 2 bytes of memory_, at which an element may begin
    image_header header_{};
    std::vector<OpRecord> ops_;
};

} // namespace gradus::test
