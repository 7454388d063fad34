// SPDX-License-Identifier: Apache-2.0
// What an operator's definition computes with: its operands as matrices, wherever they lie. Arithmetic inside an
// operator is in double precision, with a bound of the chip's error beside each number (rounding.h), or without. What
// it stores is rounded as the memory likes.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "firmware/include/schedule_image.h"
#include "ip/common/command.h"
#include "platform/schedule/ops/rounding.h"

namespace gradus::schedule {

/// The memory that operands lie in. Number: double, or Bounded.
template <class Number>
class ReferenceMemory {
public:
    virtual ~ReferenceMemory() = default;
    /// An element of FORMAT_*, as it was when the operator began, unless it has been stored since.
    virtual double load(std::uint64_t address, unsigned format) const = 0;
    /// Of what is stored in parts, each rounded, no part is larger than `parts`. No element is stored twice.
    virtual void store(std::uint64_t address, unsigned format, Number value, double parts) = 0;
    /// A token, a target.
    virtual std::uint32_t load_index(std::uint64_t address) const = 0;
    /// Calls work(first, end) for all of [0, count), in pieces and at the same time if it likes. `cost`: elements that
    /// each of them is about.
    using Work = std::function<void(std::uint64_t first, std::uint64_t end)>;
    virtual void spread(std::uint64_t count, std::uint64_t /*cost*/, const Work& work) { work(0, count); }
};

/// Operand of one product, as a matrix.
template <class Number>
class ReferenceOperand {
public:
    ReferenceOperand(ReferenceMemory<Number>& memory, const image_operand& operand, std::uint64_t address)
        : memory_(&memory), operand_(&operand), address_(address) {}

    bool present() const { return operand_->address != 0; }
    /// What is read is exact.
    double exact(std::uint64_t row, std::uint64_t col) const {
        return memory_->load(place(row, col), operand_->format);
    }
    Number at(std::uint64_t row, std::uint64_t col) const { return exact(row, col); }
    std::uint32_t index(std::uint64_t row) const { return memory_->load_index(place(row, 0)); }

    /// Stores, or adds where the operand accumulates.
    void put(std::uint64_t row, std::uint64_t col, Number value) const {
        Sum<Number> sum;
        if (!accumulates()) return memory_->store(place(row, col), operand_->format, value, magnitude(value));
        sum.add(value);
        put(row, col, sum);
    }
    /// The same with what a chip may add up in memory, part by part.
    void put(std::uint64_t row, std::uint64_t col, Sum<Number> sum) const {
        if (accumulates()) sum.add(at(row, col));
        memory_->store(place(row, col), operand_->format, sum.total(), sum.magnitude());
    }

private:
    static double magnitude(double value) { return std::abs(value); }
    static double magnitude(const Bounded& value) { return std::abs(value.value); }
    bool accumulates() const { return operand_->flags & OPERAND_ACCUMULATE; }
    std::uint64_t place(std::uint64_t row, std::uint64_t col) const {
        return address_ + row * operand_->pitch + col * (operand_->format == FORMAT_BF16 ? 2 : 4);
    }

    ReferenceMemory<Number>* memory_;
    const image_operand* operand_;
    std::uint64_t address_;
};

template <class Number>
class Reference {
public:
    /// `operands` are op.operand_count; `update` is that of the step, whose slot is where step inputs lie.
    Reference(const image_op& op, const image_operand* operands, const image_update& update,
              ReferenceMemory<Number>& memory)
        : op(op), update(update), operands_(operands), memory_(memory) {}

    const image_op& op;
    const image_update& update;

    std::uint32_t rows() const { return op.dims[0]; }
    std::uint32_t cols() const { return op.dims[1]; }
    ReferenceOperand<Number> operand(unsigned index) const { return product_operand(index, 0, 0); }
    /// Of product [outer, inner] of a batch.
    ReferenceOperand<Number> product_operand(unsigned index, std::uint64_t outer, std::uint64_t inner) const {
        const image_operand& operand = operands_[index];
        return {memory_, operand,
                operand.address + std::uint64_t{update.slot} * operand.step_stride + outer * operand.outer_stride +
                    inner * operand.inner_stride};
    }
    void spread(std::uint64_t count, std::uint64_t cost, const typename ReferenceMemory<Number>::Work& work) const {
        memory_.spread(count, cost, work);
    }
    /// f(row) for all of `count`, in any order and maybe at the same time.
    template <class F>
    void for_each_row(std::uint64_t count, std::uint64_t cost, F f) const {
        spread(count, cost, [&](std::uint64_t first, std::uint64_t end) {
            for (std::uint64_t r = first; r < end; ++r)
                f(static_cast<std::uint32_t>(r));
        });
    }
    /// f(row, column) for all of [rows, cols], likewise.
    template <class F>
    void for_each(F f) const {
        for_each_row(rows(), cols(), [&](std::uint32_t r) {
            for (std::uint32_t c = 0; c < cols(); ++c)
                f(r, c);
        });
    }

private:
    const image_operand* operands_;
    ReferenceMemory<Number>& memory_;
};

/// Runs the reference of an operator's definition.
template <class Number>
void execute(const image_op& op, const image_operand* operands, const image_update& update,
             ReferenceMemory<Number>& memory);

/// Rounded to the nearest bf16, ties to even.
double rounded_to_bf16(double value);

} // namespace gradus::schedule
