// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/forward.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "ip/common/command.h"

namespace gradus::schedule {
namespace {

void check(const scenario::ModelParameters& model, unsigned batch) {
    const auto positive = [](const char* key, unsigned value) {
        if (value == 0) throw ScheduleError(fmt::format("{} must be 1 or more", key));
    };
    positive("model.layers", model.layers);
    positive("model.width", model.width);
    positive("model.heads", model.heads);
    positive("model.context", model.context);
    positive("model.mlp_width", model.mlp_width);
    positive("run.batch", batch);
    if (model.width % model.heads != 0)
        throw ScheduleError(fmt::format("model.heads = {} does not divide model.width = {}", model.heads, model.width));
}

std::uint32_t activation_code(scenario::Activation activation) {
    switch (activation) {
    case scenario::Activation::gelu:
        return ACTIVATION_GELU;
    case scenario::Activation::silu:
        return ACTIVATION_SILU;
    case scenario::Activation::relu:
        break;
    }
    return ACTIVATION_RELU;
}

class ForwardBuilder {
public:
    ForwardBuilder(const scenario::ModelParameters& model, unsigned batch, unsigned vocabulary)
        : model_(model), batch_(batch), vocabulary_(vocabulary),
          rows_(product32("batch * context", {batch, model.context})) {}

    Graph build() {
        TensorId x = embedding();
        for (unsigned layer = 0; layer < model_.layers; ++layer) {
            layer_ = static_cast<std::uint16_t>(layer);
            prefix_ = fmt::format("layer{}.", layer);
            x = add("attention.residual", x, attention(norm("attention.norm", x)));
            x = add("mlp.residual", x, mlp(norm("mlp.norm", x)));
        }
        layer_ = COMMAND_NO_LAYER;
        prefix_.clear();
        if (model_.final_norm) x = norm("final_norm", x);
        graph_.logits = linear("head", x, vocabulary_, false);
        graph_.generate_op_count = static_cast<std::uint32_t>(graph_.nodes.size());
        cross_entropy();
        return std::move(graph_);
    }

private:
    Place place(const std::string& name) const { return {COMMAND_PHASE_FORWARD, layer_, prefix_ + name}; }

    TensorId activation_tensor(const std::string& name, std::uint64_t rows, std::uint64_t cols) {
        return graph_.add_tensor(prefix_ + name, TensorKind::activation, rows, cols);
    }

    std::uint32_t cols_of(TensorId id) const { return static_cast<std::uint32_t>(graph_.tensor(id).cols); }

    std::uint32_t matmul_flags(std::uint32_t flags) const {
        return flags | (model_.format == scenario::Format::bf16 ? OP_FLAG_BF16 : 0u);
    }

    TensorId embedding() {
        const TensorId table = graph_.add_parameter("embedding.token", layer_, vocabulary_, model_.width);
        const TensorId position = graph_.add_parameter("embedding.position", layer_, model_.context, model_.width);
        const TensorId out = activation_tensor("embedding.out", rows_, model_.width);
        add_node(graph_, place("embedding"), OP_EMBED, {out, table, position, StepInput::tokens},
                 {rows_, model_.width, vocabulary_, model_.context});
        return model_.embedding_norm ? norm("embedding.norm", out) : out;
    }

    TensorId norm(const std::string& name, TensorId x) {
        const TensorId gain =
            model_.norm_gain ? graph_.add_parameter(prefix_ + name + ".gain", layer_, 1, cols_of(x)) : no_tensor;
        const TensorId y = activation_tensor(name + ".out", rows_, cols_of(x));
        const TensorId rstd = activation_tensor(name + ".rstd", rows_, 1);
        add_node(graph_, place(name), OP_RMSNORM, {y, x, rstd, gain}, {rows_, cols_of(x), 0, 0}, 0,
                 static_cast<float>(model_.norm_epsilon));
        return y;
    }

    TensorId linear(const std::string& name, TensorId x, unsigned out, bool bias) {
        const TensorId weight = graph_.add_parameter(prefix_ + name, layer_, out, cols_of(x));
        const TensorId bias_row = bias ? graph_.add_parameter(prefix_ + name + ".bias", layer_, 1, out) : no_tensor;
        const TensorId y = activation_tensor(name + ".out", rows_, out);
        add_matmul(graph_, place(name), y, x, weight, bias_row,
                   {rows_, out, cols_of(x), matmul_flags(OP_FLAG_TRANSPOSE_B), {}});
        return y;
    }

    TensorId add(const std::string& name, TensorId a, TensorId b) {
        const TensorId y = activation_tensor(name + ".out", rows_, cols_of(a));
        add_node(graph_, place(name), OP_ADD, {y, a, b}, {rows_, cols_of(a), 0, 0});
        return y;
    }

    TensorId attention(TensorId x) {
        const TensorId query = linear("attention.query", x, model_.width, model_.bias);
        const TensorId key = linear("attention.key", x, model_.width, model_.bias);
        const TensorId value = linear("attention.value", x, model_.width, model_.bias);

        const TensorId mixed = add_attention(
            graph_, {prefix_, layer_, batch_, model_.context, model_.width, model_.heads, matmul_flags(0)}, query, key,
            value);
        return linear("attention.output", mixed, model_.width, model_.bias);
    }

    TensorId mlp(TensorId x) {
        const TensorId up = linear("mlp.up", x, model_.mlp_width, model_.bias);
        const TensorId active = activation_tensor("mlp.activation.out", rows_, model_.mlp_width);
        add_node(graph_, place("mlp.activation"), OP_ACTIVATION, {active, up},
                 {rows_, model_.mlp_width, activation_code(model_.activation), 0});
        return linear("mlp.down", active, model_.width, model_.bias);
    }

    void cross_entropy() {
        const TensorId probabilities = activation_tensor("loss.probabilities", rows_, vocabulary_);
        graph_.loss = activation_tensor("loss", 1, 1);
        add_node(graph_, place("loss"), OP_CROSS_ENTROPY,
                 {probabilities, graph_.loss, graph_.logits, StepInput::targets, StepInput::weights},
                 {rows_, vocabulary_, 0, 0});
    }

    const scenario::ModelParameters& model_;
    std::uint32_t batch_;
    std::uint32_t vocabulary_;
    std::uint32_t rows_;
    std::uint16_t layer_ = COMMAND_NO_LAYER;
    std::string prefix_;
    Graph graph_;
};

} // namespace

TensorId add_attention(Graph& graph, const AttentionHeads& attention, TensorId query, TensorId key, TensorId value) {
    const std::uint32_t batch = attention.batch, context = attention.context;
    const std::uint32_t width = attention.width, heads = attention.heads, head_width = width / heads;
    const auto place = [&](const char* name) {
        return Place{COMMAND_PHASE_FORWARD, attention.layer, attention.prefix + name};
    };
    const auto tensor = [&](const char* name, std::uint64_t rows, std::uint64_t cols) {
        return graph.add_tensor(attention.prefix + name, TensorKind::activation, rows, cols);
    };
    const std::uint64_t row_outer = checked_product("bytes of a sequence", {context, width, 4});
    const std::uint64_t row_inner = checked_product("bytes of a head", {head_width, 4});
    const std::uint64_t score_outer = checked_product("scores of a sequence", {heads, context, context, 4});
    const std::uint64_t score_inner = checked_product("scores of a head", {context, context, 4});
    const std::uint32_t score_rows = product32("rows of scores", {batch, heads, context});
    const Batch score_heads{batch, heads, {score_outer, row_outer, row_outer}, {score_inner, row_inner, row_inner}};
    const Batch mix_heads{batch, heads, {row_outer, score_outer, row_outer}, {row_inner, score_inner, row_inner}};

    const TensorId scores = tensor("attention.scores.out", score_rows, context);
    add_matmul(graph, place("attention.scores"), scores, query, key, no_tensor,
               {context, context, head_width, attention.flags | OP_FLAG_TRANSPOSE_B, score_heads});
    const TensorId probabilities = tensor("attention.softmax.out", score_rows, context);
    add_node(graph, place("attention.softmax"), OP_SOFTMAX, {probabilities, scores}, {score_rows, context, context, 0},
             OP_FLAG_CAUSAL, static_cast<float>(1.0 / std::sqrt(head_width)));
    const TensorId mixed = tensor("attention.mix.out", std::uint64_t{batch} * context, width);
    add_matmul(graph, place("attention.mix"), mixed, probabilities, value, no_tensor,
               {context, head_width, context, attention.flags, mix_heads});
    return mixed;
}

Graph forward_graph(const scenario::ModelParameters& model, unsigned batch, unsigned vocabulary) {
    check(model, batch);
    return ForwardBuilder(model, batch, vocabulary).build();
}

} // namespace gradus::schedule
