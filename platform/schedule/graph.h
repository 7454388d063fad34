// SPDX-License-Identifier: Apache-2.0
// The model while it is being built: tensors without addresses, and operators on them in order of execution. One
// function an operator fills in dimensions, shape, bytes and multiply-accumulates. forward.cpp strings those of the
// forward pass together, backward.cpp those of the backward pass and of the update.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "ip/common/command.h"
#include "platform/schedule/schedule.h"

namespace gradus::schedule {

using TensorId = std::uint32_t;
inline constexpr TensorId no_tensor = 0xffffffffu;

/// An operand that points into the step table instead of at a tensor.
enum class StepInput : std::uint8_t { none, tokens, targets, weights };

struct Operand {
    TensorId tensor = no_tensor;
    StepInput input = StepInput::none;
    bool accumulates = false; ///< what is computed is added to it

    Operand() = default;
    Operand(TensorId id) : tensor(id) {}
    Operand(StepInput step_input) : input(step_input) {}
    bool present() const { return tensor != no_tensor || input != StepInput::none; }
};

/// An operator whose operands are tensors; its image record gets its addresses later.
struct Node {
    Op op;
    std::vector<Operand> operands; ///< as many as op.operands
};

/// What an operator does with its operands: bit i is operand i. A written operand may be read too.
struct Roles {
    unsigned reads = 0;
    unsigned writes = 0;
};
Roles roles(const Op& op);

struct Parameter {
    TensorId value = no_tensor;
    TensorId gradient = no_tensor;
    TensorId first_moment = no_tensor;
    TensorId second_moment = no_tensor;
    std::uint16_t layer = COMMAND_NO_LAYER;
};

struct Graph {
    std::vector<Tensor> tensors;
    std::vector<Node> nodes;
    std::vector<Parameter> parameters;
    TensorId loss = no_tensor;
    TensorId logits = no_tensor;
    std::uint32_t generate_op_count = 0;
    std::vector<std::uint64_t> activation_bytes; ///< by node; see Schedule

    const Tensor& tensor(TensorId id) const { return tensors[id]; }
    TensorId add_tensor(std::string name, TensorKind kind, std::uint64_t rows, std::uint64_t cols);
    /// A parameter with its gradient and moments. ScheduleError for one of 2^30 elements or more.
    TensorId add_parameter(const std::string& name, std::uint16_t layer, std::uint64_t rows, std::uint64_t cols);
};

/// Whose time an operator's is.
struct Place {
    std::uint8_t phase = COMMAND_PHASE_FORWARD;
    std::uint16_t layer = COMMAND_NO_LAYER;
    std::string name;
};

/// Independent products of a matmul: strides in bytes of C, A, B.
struct Batch {
    std::uint32_t outer_count = 1;
    std::uint32_t inner_count = 1;
    std::array<std::uint64_t, 3> outer_stride{};
    std::array<std::uint64_t, 3> inner_stride{};
};

struct MatmulShape {
    std::uint32_t m = 0;
    std::uint32_t n = 0;
    std::uint32_t k = 0;
    std::uint32_t flags = 0;
    Batch batch;
};

/// Appends an operator; dims are image_op.dims, scalar is image_op.scalar[0].
Node& add_node(Graph& graph, const Place& place, std::uint16_t kind, std::initializer_list<Operand> operands,
               std::array<std::uint32_t, 4> dims, std::uint32_t flags = 0, float scalar = 0);
Node& add_matmul(Graph& graph, const Place& place, Operand c, TensorId a, TensorId b, TensorId bias,
                 const MatmulShape& shape);

/// The product, or a ScheduleError when it does not fit `limit`; `what` names it.
std::uint64_t checked_product(const char* what, std::initializer_list<std::uint64_t> factors,
                              std::uint64_t limit = std::uint64_t{1} << 58);
/// The same for a field of 32 bits.
std::uint32_t product32(const char* what, std::initializer_list<std::uint64_t> factors);

} // namespace gradus::schedule
