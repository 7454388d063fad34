// SPDX-License-Identifier: Apache-2.0
// What an operator's definition computes with: its operands as matrices of double, wherever they lie. Arithmetic inside
// an operator is double; what it stores is rounded as the memory likes.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "firmware/include/schedule_image.h"
#include "ip/common/command.h"

namespace gradus::schedule {

/// The memory that operands lie in.
class ReferenceMemory {
public:
    virtual ~ReferenceMemory() = default;
    /// An element of FORMAT_*.
    virtual double load(std::uint64_t address, unsigned format) const = 0;
    virtual void store(std::uint64_t address, unsigned format, double value) = 0;
    /// A token, a target.
    virtual std::uint32_t load_index(std::uint64_t address) const = 0;
};

/// Operand of one product, as a matrix.
class ReferenceOperand {
public:
    ReferenceOperand(ReferenceMemory& memory, const image_operand& operand, std::uint64_t address)
        : memory_(&memory), operand_(&operand), address_(address) {}

    bool present() const { return operand_->address != 0; }
    double at(std::uint64_t row, std::uint64_t col) const { return memory_->load(place(row, col), operand_->format); }
    std::uint32_t index(std::uint64_t row) const { return memory_->load_index(place(row, 0)); }
    /// [rows, cols] in the order of rows.
    std::vector<double> read(std::uint64_t rows, std::uint64_t cols) const;
    /// Stores, or adds where the operand accumulates.
    void put(std::uint64_t row, std::uint64_t col, double value) const;

private:
    std::uint64_t place(std::uint64_t row, std::uint64_t col) const {
        return address_ + row * operand_->pitch + col * (operand_->format == FORMAT_BF16 ? 2 : 4);
    }

    ReferenceMemory* memory_;
    const image_operand* operand_;
    std::uint64_t address_;
};

class Reference {
public:
    /// `operands` are op.operand_count; `update` is that of the step, whose slot is where step inputs lie.
    Reference(const image_op& op, const image_operand* operands, const image_update& update, ReferenceMemory& memory)
        : op(op), update(update), operands_(operands), memory_(memory) {}

    const image_op& op;
    const image_update& update;

    std::uint32_t rows() const { return op.dims[0]; }
    std::uint32_t cols() const { return op.dims[1]; }
    ReferenceOperand operand(unsigned index) const { return product_operand(index, 0, 0); }
    /// Of product [outer, inner] of a batch.
    ReferenceOperand product_operand(unsigned index, std::uint64_t outer, std::uint64_t inner) const;
    /// f(row, column) for all of [rows, cols].
    void for_each(const std::function<void(std::uint32_t, std::uint32_t)>& f) const;

private:
    const image_operand* operands_;
    ReferenceMemory& memory_;
};

/// Runs the reference of an operator's definition.
void execute(const image_op& op, const image_operand* operands, const image_update& update, ReferenceMemory& memory);

/// Rounded to the nearest bf16, ties to even.
double rounded_to_bf16(double value);

} // namespace gradus::schedule
