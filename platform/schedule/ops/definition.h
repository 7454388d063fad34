// SPDX-License-Identifier: Apache-2.0
// What an operator is, said once: its operands with their roles and shapes, what people read of it, how much it
// multiplies, its gradient, and what it computes in double precision. Memory plan, hazards, bytes, autodiff and
// reference all read this; its row in firmware/include/operators.h says what the firmware needs to know.
//
// One file a trainable operator and its gradient, such as platform/schedule/ops/add.cpp:
//
//   y = a + b          {"y", writes, full}, {"a", reads, full}, {"b", reads, full}
//                      gradient: that of y, for a and for b
//                      reference: y[r, c] = a[r, c] + b[r, c]
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "firmware/include/schedule_image.h"

namespace gradus::schedule {

class Derivation;
struct Bounded;
template <class Number>
class Reference;

struct Extent {
    std::uint64_t rows = 0;
    std::uint64_t cols = 0;
};

enum class Role { reads, writes, updates }; ///< updates: reads, and then writes

struct OperandDefinition {
    const char* name = "";
    Role role = Role::reads;
    Extent (*extent)(const image_op& op) = nullptr; ///< of one product of a batch
    bool optional = false;
    bool picked = false; ///< only some rows are read, no more than the operator's result has
    bool fp32 = false;   ///< whatever format tensors of its kind have
};

/// What an operator computes: one generic function, for double and for Bounded (rounding.h).
class ReferenceFunction {
public:
    ReferenceFunction() = default;
    template <class Function>
    ReferenceFunction(Function function) : in_double_(function), bounded_(function) {}

    explicit operator bool() const { return in_double_ != nullptr; }
    void operator()(const Reference<double>& reference) const { in_double_(reference); }
    void operator()(const Reference<Bounded>& reference) const { bounded_(reference); }

private:
    void (*in_double_)(const Reference<double>&) = nullptr;
    void (*bounded_)(const Reference<Bounded>&) = nullptr;
};

struct OperatorDefinition {
    std::vector<OperandDefinition> operands; ///< the first is the result
    ReferenceFunction reference;
    void (*differentiate)(Derivation& derivation) = nullptr; ///< null: it is never differentiated
    bool is_loss = false;                                    ///< where gradients begin
    std::uint64_t (*macs)(const image_op& op) = nullptr;     ///< of one product; null: it multiplies no matrices
    std::string (*shape)(const image_op& op) = nullptr;      ///< of one product, for people; null: "rows x columns"
};

/// Of OP_* number `kind`; std::logic_error if there is none.
const OperatorDefinition& definition_of(std::uint16_t kind);
/// "matmul"; "?" for an unknown kind.
const char* operator_name(std::uint16_t kind);
/// OP_FLAG_* that it takes.
std::uint32_t operator_flags(std::uint16_t kind);
/// Whether operand number `operand` may be added to.
bool accumulates(std::uint16_t kind, unsigned operand);

// Extents in the terms of image_op.dims.
inline Extent full(const image_op& op) { return {op.dims[0], op.dims[1]}; }
inline Extent by_row(const image_op& op) { return {op.dims[0], 1}; }
inline Extent by_column(const image_op& op) { return {1, op.dims[1]}; }
inline Extent scalar(const image_op& /*op*/) { return {1, 1}; }

} // namespace gradus::schedule
