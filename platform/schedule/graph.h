// SPDX-License-Identifier: Apache-2.0
// The model while it is being built: tensors without addresses, and operators on them in order of execution. Those of
// the forward pass are strung together in platform/schedule/forward.cpp, those of the backward pass in derivation.cpp
// beside it, those of the update in optimizer.cpp.
//
// A step may take its sequences in several micro-batches: each has a forward and a backward pass of its own, and all
// have the same parameters and gradients. What the first one's operators and values are called, the second one's are
// with "micro1." before it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "ip/common/command.h"
#include "platform/schedule/schedule.h"

namespace gradus::schedule {

using TensorId = std::uint32_t;
inline constexpr TensorId no_tensor = 0xffffffffu;

/// An operand that points into the step table instead of at a tensor.
/// scaled_weights: what weights are to gradients where the loss is scaled for them.
enum class StepInput : std::uint8_t { none, tokens, targets, weights, scaled_weights, patches };

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
    std::uint32_t micro_batch = 0; ///< whose part of the step's inputs its operands are
};

struct Parameter {
    TensorId value = no_tensor;
    TensorId weight = no_tensor; ///< its copy in another format, where forward and backward do not read it itself
    TensorId gradient = no_tensor;
    std::uint16_t layer = COMMAND_NO_LAYER;
};

struct Graph {
    std::vector<Tensor> tensors;
    std::vector<Node> nodes;
    std::vector<Parameter> parameters;
    TensorId loss = no_tensor;    ///< of the whole step
    std::vector<TensorId> logits; ///< by micro-batch; text is generated from the first
    std::uint32_t generate_op_count = 0;
    std::vector<std::uint64_t> activation_bytes; ///< by node; see Schedule

    const Tensor& tensor(TensorId id) const { return tensors[id]; }
    TensorId add_tensor(std::string name, TensorKind kind, std::uint64_t rows, std::uint64_t cols);
    /// A parameter with its gradient.
    TensorId add_parameter(const std::string& name, std::uint16_t layer, std::uint64_t rows, std::uint64_t cols);
};

/// Whose time an operator's is.
struct Place {
    std::uint8_t phase = COMMAND_PHASE_FORWARD;
    std::uint16_t layer = COMMAND_NO_LAYER;
    std::string name;
    std::uint32_t micro_batch = 0;
};

/// Independent executions of an operator, as image_op has them: outer x inner.
struct Batch {
    struct Strides {
        std::uint64_t outer = 0, inner = 0; ///< bytes
    };
    std::uint32_t outer_count = 1;
    std::uint32_t inner_count = 1;
    std::vector<Strides> strides; ///< of the first operands; the others have none
};

/// What an operator's definition calls dims, flags and scalars.
struct OperatorSettings {
    OperatorSettings() = default;
    OperatorSettings(std::initializer_list<std::uint32_t> first_dims, std::uint32_t op_flags = 0,
                     std::initializer_list<float> first_scalars = {}, Batch op_batch = {})
        : flags(op_flags), batch(std::move(op_batch)) {
        std::copy(first_dims.begin(), first_dims.end(), dims.begin());
        std::copy(first_scalars.begin(), first_scalars.end(), scalar.begin());
    }

    std::array<std::uint32_t, 6> dims{};
    std::uint32_t flags = 0;
    std::array<float, 4> scalar{};
    Batch batch;
};

/// An operator on tensors of `graph`. `operands` are in the order of its definition; the last ones may be left out.
/// std::logic_error when they are not what the definition says.
Node make_node(const Graph& graph, const Place& place, std::uint16_t kind, const std::vector<Operand>& operands,
               const OperatorSettings& settings);
/// Appends it.
Node& add_node(Graph& graph, const Place& place, std::uint16_t kind, const std::vector<Operand>& operands,
               const OperatorSettings& settings);

/// Appends one that is complete. ScheduleError when there are too many.
Node& append_node(Graph& graph, Node node);

/// Says of an operator how much it multiplies, and the bytes of its operands.
void count(const Graph& graph, Node& node);

/// What operator `op` does with operand number `index`.
bool reads(const Op& op, unsigned index);
bool writes(const Op& op, unsigned index);

/// The product, or a ScheduleError when it does not fit `limit`; `what` names it.
std::uint64_t checked_product(const char* what, std::initializer_list<std::uint64_t> factors,
                              std::uint64_t limit = std::uint64_t{1} << 58);
/// The same for a field of 32 bits.
std::uint32_t product32(const char* what, std::initializer_list<std::uint64_t> factors);

} // namespace gradus::schedule
