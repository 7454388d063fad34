// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/formats.h"

#include <string_view>
#include <vector>

#include "platform/schedule/ops/definition.h"

namespace gradus::schedule {
namespace {

constexpr std::string_view weight_prefix = "bf16.";

class Formats {
public:
    Formats(Graph& graph, const scenario::ModelParameters& model) : graph_(graph), model_(model) {}

    void set() {
        if (is_bf16(model_.formats.weights)) copy_weights();
        const std::vector<bool> keeps = kept_tensors();
        for (TensorId id = 0; id < graph_.tensors.size(); ++id) {
            Tensor& tensor = graph_.tensors[id];
            if (!keeps[id] && is_matrix(tensor) && is_bf16(tensor.kind)) tensor.format = FORMAT_BF16;
        }
        for (Node& node : graph_.nodes) {
            for (unsigned i = 0; i < node.operands.size(); ++i)
                if (const TensorId id = node.operands[i].tensor; id != no_tensor)
                    scale_strides(node.op.operands[i], graph_.tensor(id));
            count(graph_, node);
        }
    }

private:
    bool is_bf16(scenario::StoredFormat format) const {
        return format == scenario::StoredFormat::automatic ? model_.precision == scenario::Precision::mixed
                                                           : format == scenario::StoredFormat::bf16;
    }
    bool is_bf16(TensorKind kind) const {
        switch (kind) {
        case TensorKind::weight:
            return true;
        case TensorKind::activation:
            return is_bf16(model_.formats.activations);
        case TensorKind::gradient:
        case TensorKind::activation_gradient:
            return is_bf16(model_.formats.gradients);
        default:
            return false;
        }
    }

    void copy_weights() {
        std::vector<TensorId> copy_of(graph_.tensors.size(), no_tensor);
        for (Parameter& parameter : graph_.parameters) {
            const Tensor value = graph_.tensor(parameter.value);
            if (!is_matrix(value)) continue;
            parameter.weight =
                graph_.add_tensor(std::string(weight_prefix) + value.name, TensorKind::weight, value.rows, value.cols);
            copy_of[parameter.value] = parameter.weight;
        }
        for (Node& node : graph_.nodes)
            for (Operand& operand : node.operands)
                if (operand.tensor != no_tensor && copy_of[operand.tensor] != no_tensor)
                    operand.tensor = copy_of[operand.tensor];
    }

    /// By tensor: whether it stays fp32.
    std::vector<bool> kept_tensors() const {
        std::vector<bool> keeps(graph_.tensors.size());
        for (const TensorId logits : graph_.logits)
            keeps[logits] = true; // the firmware reads them when it generates
        for (const Node& node : graph_.nodes)
            for (unsigned i = 0; i < node.operands.size(); ++i)
                if (const TensorId id = node.operands[i].tensor; id != no_tensor)
                    keeps[id] = keeps[id] || definition_of(node.op.image.kind).operands[i].fp32;
        return keeps;
    }

    /// They were made for fp32.
    static void scale_strides(image_operand& operand, const Tensor& tensor) {
        operand.outer_stride = operand.outer_stride / 4 * tensor.element_bytes();
        operand.inner_stride = operand.inner_stride / 4 * tensor.element_bytes();
    }

    Graph& graph_;
    const scenario::ModelParameters& model_;
};

} // namespace

bool is_matrix(const Tensor& tensor) { return tensor.rows > 1 && tensor.cols > 1; }

void set_formats(Graph& graph, const scenario::ModelParameters& model) { Formats(graph, model).set(); }

std::string parameter_name(const Tensor& tensor) {
    return tensor.kind == TensorKind::weight ? tensor.name.substr(weight_prefix.size()) : tensor.name;
}

} // namespace gradus::schedule
