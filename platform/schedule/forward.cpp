// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/forward.h"

#include <cmath>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "ip/common/command.h"
#include "platform/schedule/rope_angles.h"

namespace gradus::schedule {
namespace {

/// Of the model: what 0 stands for.
unsigned head_width_of(const scenario::ModelParameters& model) {
    return model.head_width != 0 ? model.head_width : model.width / model.heads;
}
/// What scores are multiplied by. `score_width` as in AttentionHeads.
float score_scale(double score_width, unsigned head_width) {
    return static_cast<float>(1.0 / std::sqrt(score_width != 0 ? score_width : head_width));
}
unsigned kv_heads_of(const scenario::ModelParameters& model) {
    return model.kv_heads != 0 ? model.kv_heads : model.heads;
}

void check(const scenario::ModelParameters& model, unsigned batch) {
    const auto positive = [](const char* key, unsigned value) {
        if (value == 0) throw ScheduleError(fmt::format("{} must be 1 or more", key));
    };
    positive("model.layers", model.layers);
    if (model.layers >= COMMAND_NO_LAYER)
        throw ScheduleError(
            fmt::format("model.layers = {}: layers are numbered below {}", model.layers, COMMAND_NO_LAYER));
    positive("model.width", model.width);
    positive("model.heads", model.heads);
    positive("model.context", model.context);
    positive("model.mlp_width", model.mlp_width);
    positive("run.batch", batch);
    if (model.head_width == 0 && model.width % model.heads != 0)
        throw ScheduleError(fmt::format("model.heads = {} does not divide model.width = {}", model.heads, model.width));
    if (model.heads % kv_heads_of(model) != 0)
        throw ScheduleError(
            fmt::format("model.kv_heads = {} does not divide model.heads = {}", model.kv_heads, model.heads));
    if (model.head == scenario::Form::fused && model.logit_cap != 0)
        throw ScheduleError(fmt::format("model.head = \"fused\" computes no capped logits: model.logit_cap = {} needs "
                                        "model.head = \"plain\"",
                                        model.logit_cap));
    if (model.positions == scenario::Positions::rope && turned_width(model, head_width_of(model)) == 0)
        throw ScheduleError(fmt::format("model.rope.fraction = {} of heads {} wide leaves no pair of columns to turn",
                                        model.rope.fraction, head_width_of(model)));
}

std::uint32_t activation_code(scenario::Activation activation) {
    switch (activation) {
    case scenario::Activation::gelu:
        return ACTIVATION_GELU;
    case scenario::Activation::silu:
        return ACTIVATION_SILU;
    case scenario::Activation::relu_squared:
        return ACTIVATION_RELU_SQUARED;
    case scenario::Activation::gelu_erf:
        return ACTIVATION_GELU_ERF;
    case scenario::Activation::relu:
        break;
    }
    return ACTIVATION_RELU;
}

class ForwardBuilder {
public:
    ForwardBuilder(const scenario::ModelParameters& model, unsigned batch, unsigned vocabulary)
        : model_(model), batch_(batch), vocabulary_(vocabulary), head_width_(head_width_of(model)),
          kv_heads_(kv_heads_of(model)) {}

    Graph build(unsigned micro_batches) {
        for (micro_batch_ = 0; micro_batch_ < micro_batches; ++micro_batch_) {
            if (micro_batch_ != 0) micro_prefix_ = fmt::format("micro{}.", micro_batch_);
            forward_pass();
        }
        return std::move(graph_);
    }

private:
    void forward_pass() {
        rows_ = product32("batch * context", {batch_, model_.context});
        TensorId x = embedding();
        for (unsigned layer = 0; layer < model_.layers; ++layer) {
            layer_ = static_cast<std::uint16_t>(layer);
            prefix_ = fmt::format("layer{}.", layer);
            x = sublayer("attention", x, &ForwardBuilder::attention);
            x = sublayer("mlp", x, &ForwardBuilder::mlp);
        }
        layer_ = COMMAND_NO_LAYER;
        prefix_.clear();
        if (model_.final_norm) x = norm("final_norm", x);
        if (model_.objective == scenario::Objective::label) x = first_rows(x);
        if (model_.head_transform) x = transformed(x);
        if (model_.head == scenario::Form::fused) {
            head_loss(x);
        } else {
            graph_.logits.push_back(capped("head.cap", head(x)));
            if (micro_batch_ == 0) graph_.generate_op_count = static_cast<std::uint32_t>(graph_.nodes.size());
            cross_entropy();
        }
    }

    std::string full_name(const std::string& name) const { return micro_prefix_ + prefix_ + name; }
    Place place(const std::string& name) const {
        return {COMMAND_PHASE_FORWARD, layer_, full_name(name), micro_batch_};
    }

    TensorId activation_tensor(const std::string& name, std::uint64_t rows, std::uint64_t cols) {
        return graph_.add_tensor(full_name(name), TensorKind::activation, rows, cols);
    }
    /// What all micro-batches have in common.
    template <typename Make>
    TensorId common(const std::string& name, Make make) {
        const auto [found, is_new] = common_.try_emplace(name, no_tensor);
        if (is_new) found->second = make();
        return found->second;
    }
    TensorId parameter(const std::string& name, std::uint64_t rows, std::uint64_t cols) {
        return common(prefix_ + name, [&] { return graph_.add_parameter(prefix_ + name, layer_, rows, cols); });
    }
    TensorId constant(const std::string& name, std::uint64_t rows, std::uint64_t cols) {
        return common(name, [&] { return graph_.add_tensor(name, TensorKind::constant, rows, cols); });
    }
    TensorId parameter_if(bool there, const std::string& name, std::uint64_t rows, std::uint64_t cols) {
        return there ? parameter(name, rows, cols) : no_tensor;
    }
    /// Appends an operator whose result is `cols` wide.
    TensorId append(const std::string& name, std::uint16_t kind, std::uint64_t cols, std::vector<Operand> operands,
                    const OperatorSettings& settings) {
        const TensorId result = activation_tensor(name + ".out", rows_, cols);
        operands.insert(operands.begin(), result);
        add_node(graph_, place(name), kind, operands, settings);
        return result;
    }

    std::uint32_t cols_of(TensorId id) const { return static_cast<std::uint32_t>(graph_.tensor(id).cols); }
    float epsilon() const { return static_cast<float>(model_.norm_epsilon); }
    std::uint32_t matmul_flags(std::uint32_t flags) const {
        return flags | (model_.format == scenario::Format::bf16 ? OP_FLAG_BF16 : 0u);
    }

    TensorId embedding() { return model_.patch_values != 0 ? patch_embedding() : token_embedding(); }

    TensorId position_parameter() {
        return parameter_if(model_.positions == scenario::Positions::learned, "embedding.position", model_.context,
                            model_.width);
    }

    /// A product for each patch, then the row that learns the image's class before those of each image.
    TensorId patch_embedding() {
        const std::uint32_t period = model_.context, patches = rows_ / period * (period - 1);
        const TensorId weight = parameter("embedding.patch", model_.width, model_.patch_values);
        const TensorId bias = parameter_if(model_.bias, "embedding.patch.bias", 1, model_.width);
        const TensorId x = activation_tensor("embedding.patch.out", patches, model_.width);
        add_node(graph_, place("embedding.patch"), OP_MATMUL, {x, StepInput::patches, weight, bias},
                 {{patches, model_.width, model_.patch_values}, matmul_flags(OP_FLAG_TRANSPOSE_B)});
        const TensorId first = parameter("embedding.class", 1, model_.width);
        const TensorId out = append("embedding", OP_PREPEND, model_.width, {x, first, position_parameter()},
                                    {rows_, model_.width, period});
        return model_.embedding_norm ? norm("embedding.norm", out) : out;
    }

    /// From here on there is a row an image.
    TensorId first_rows(TensorId x) {
        rows_ = batch_;
        return append("head.class", OP_FIRST_ROWS, model_.width, {x}, {rows_, model_.width, model_.context});
    }

    TensorId token_embedding() {
        table_ = parameter("embedding.token", vocabulary_, model_.width);
        const TensorId out =
            append("embedding", OP_EMBED, model_.width, {table_, position_parameter(), StepInput::tokens},
                   {rows_, model_.width, vocabulary_, model_.context});
        TensorId x = scaled_embedding(out);
        if (model_.token_types != 0) x = add("embedding.sum", x, type_embedding());
        return model_.embedding_norm ? norm("embedding.norm", x) : x;
    }

    TensorId scaled_embedding(TensorId x) {
        if (!model_.embedding_scaled) return x;
        return append("embedding.scale", OP_AFFINE, model_.width, {x},
                      {{rows_, model_.width}, 0, {std::sqrt(static_cast<float>(model_.width))}});
    }

    /// All tokens are of type 0: an index of zeros.
    TensorId type_embedding() {
        const TensorId table = parameter("embedding.type", model_.token_types, model_.width);
        const TensorId types = constant("embedding.types", rows_, 1);
        return append("embedding.type", OP_EMBED, model_.width, {table, no_tensor, types},
                      {rows_, model_.width, model_.token_types, model_.context});
    }

    /// x with what a sublayer makes of it, and their norms.
    TensorId sublayer(const std::string& name, TensorId x, TensorId (ForwardBuilder::*f)(TensorId)) {
        using scenario::NormPlace;
        const NormPlace place = model_.norm_place;
        TensorId y = (this->*f)(place == NormPlace::after ? x : norm(name + ".norm", x));
        if (place == NormPlace::around) y = norm(name + ".post_norm", y);
        x = add(name + ".residual", x, y);
        return place == NormPlace::after ? norm(name + ".norm", x) : x;
    }

    TensorId norm(const std::string& name, TensorId x) {
        return model_.norm == scenario::Norm::layernorm ? layernorm(name, x) : rmsnorm(name, x, cols_of(x));
    }

    TensorId gain_of(const std::string& name, std::uint32_t cols) {
        const TensorId learned = parameter_if(model_.norm_gain, name + ".gain", 1, cols);
        if (!model_.norm_offset) return learned;
        const TensorId gain = activation_tensor(name + ".gain.out", 1, cols);
        add_node(graph_, place(name + ".gain"), OP_AFFINE, {gain, learned}, {{1, cols}, 0, {1.0F, 1.0F}});
        return gain;
    }

    TensorId layernorm(const std::string& name, TensorId x) {
        const std::uint32_t cols = cols_of(x);
        const TensorId gain = gain_of(name, cols);
        const TensorId bias = parameter_if(model_.norm_bias, name + ".bias", 1, cols);
        const TensorId mean = activation_tensor(name + ".mean", rows_, 1);
        const TensorId rstd = activation_tensor(name + ".rstd", rows_, 1);
        return append(name, OP_LAYERNORM, cols, {x, mean, rstd, gain, bias}, {{rows_, cols}, 0, {epsilon()}});
    }

    /// Of each `width` columns.
    TensorId rmsnorm(const std::string& name, TensorId x, std::uint32_t width) {
        const std::uint32_t rows = product32("rows of a norm", {rows_, cols_of(x) / width});
        const TensorId gain = gain_of(name, width);
        const TensorId y = activation_tensor(name + ".out", rows_, cols_of(x));
        const TensorId rstd = activation_tensor(name + ".rstd", rows, 1);
        add_node(graph_, place(name), OP_RMSNORM, {y, x, rstd, gain}, {{rows, width}, 0, {epsilon()}});
        return y;
    }

    TensorId multiply(const std::string& name, TensorId x, TensorId weight, TensorId bias) {
        const auto out = static_cast<std::uint32_t>(graph_.tensor(weight).rows);
        return append(name, OP_MATMUL, out, {x, weight, bias},
                      {{rows_, out, cols_of(x)}, matmul_flags(OP_FLAG_TRANSPOSE_B)});
    }

    TensorId linear(const std::string& name, TensorId x, unsigned out, bool bias) {
        const TensorId weight = parameter(name, out, cols_of(x));
        const TensorId bias_row = parameter_if(bias, name + ".bias", 1, out);
        return multiply(name, x, weight, bias_row);
    }

    TensorId head_weight() { return model_.tied_head ? table_ : parameter("head", vocabulary_, model_.width); }

    TensorId head(TensorId x) {
        const TensorId weight = head_weight();
        return multiply("head", x, weight, parameter_if(model_.head_bias, "head.bias", 1, vocabulary_));
    }

    TensorId transformed(TensorId x) {
        x = linear("head.transform", x, model_.width, model_.bias);
        x = append("head.activation", OP_ACTIVATION, model_.width, {x},
                   {rows_, model_.width, activation_code(model_.activation)});
        return norm("head.norm", x);
    }

    /// Nobody reads logits then: what stands for them has as many rows.
    void head_loss(TensorId x) {
        const TensorId weight = head_weight();
        const TensorId sums = activation_tensor("head.lse", rows_, 1);
        const TensorId loss = activation_tensor("loss", 1, 1);
        graph_.logits.push_back(x);
        add_node(graph_, place("head.loss"), OP_HEAD_LOSS,
                 {sums, loss, x, weight, StepInput::targets, StepInput::weights},
                 {{rows_, vocabulary_, model_.width}, matmul_flags(0)});
        add_to_loss(loss);
    }

    TensorId capped(const std::string& name, TensorId logits) {
        if (model_.logit_cap == 0) return logits;
        return append(name, OP_SOFTCAP, vocabulary_, {logits},
                      {{rows_, vocabulary_}, 0, {static_cast<float>(model_.logit_cap), 1.0F}});
    }

    TensorId add(const std::string& name, TensorId a, TensorId b) {
        return append(name, OP_ADD, cols_of(a), {a, b}, {rows_, cols_of(a)});
    }

    /// Whether this layer stays within the window.
    bool is_local() const {
        return model_.window != 0 && (model_.global_every == 0 || (layer_ + 1u) % model_.global_every != 0);
    }

    /// Of queries or keys, before their scores.
    TensorId turned(const std::string& name, TensorId x) {
        if (model_.positions != scenario::Positions::rope) return x;
        const unsigned width = turned_width(model_, head_width_);
        const bool local = is_local() && model_.rope.local_theta != 0;
        const TensorId angles = constant(local ? local_rope_tensor : rope_tensor, model_.context, width);
        return append(name, OP_ROPE, cols_of(x), {x, angles}, {rows_, cols_of(x), head_width_, model_.context, width});
    }

    TensorId query_or_key(const std::string& name, TensorId x, unsigned heads) {
        x = linear(name, x, heads * head_width_, model_.bias || model_.qkv_bias);
        if (model_.qk_norm == scenario::QkNorm::before_rope) x = rmsnorm(name + ".norm", x, head_width_);
        x = turned(name + ".rope", x);
        if (model_.qk_norm == scenario::QkNorm::after_rope) x = rmsnorm(name + ".norm", x, head_width_);
        return x;
    }

    /// Keys or values, one for each head of queries.
    TensorId shared(const std::string& name, TensorId x) {
        if (kv_heads_ == model_.heads) return x;
        const std::uint32_t cols = model_.heads * head_width_;
        return append(name, OP_REPEAT, cols, {x}, {rows_, cols, head_width_, model_.heads / kv_heads_});
    }

    bool is_causal() const { return model_.objective == scenario::Objective::next_token; }

    AttentionHeads attention_heads() const {
        AttentionHeads heads{full_name(""), layer_, batch_, model_.context, model_.heads, head_width_, matmul_flags(0)};
        heads.micro_batch = micro_batch_;
        heads.shared = model_.heads / kv_heads_;
        heads.causal = is_causal();
        heads.window = is_local() && model_.window < model_.context ? model_.window : 0;
        heads.score_width = model_.score_width;
        heads.score_cap = model_.score_cap;
        return heads;
    }

    TensorId plain_attention(TensorId query, TensorId key, TensorId value) {
        return add_attention(graph_, attention_heads(), query, shared("attention.key.repeat", key),
                             shared("attention.value.repeat", value));
    }

    TensorId attention(TensorId x) {
        const TensorId query = query_or_key("attention.query", x, model_.heads);
        const TensorId key = query_or_key("attention.key", x, kv_heads_);
        const TensorId value = linear("attention.value", x, kv_heads_ * head_width_, model_.bias || model_.qkv_bias);
        const TensorId mixed = model_.attention == scenario::Form::fused
                                   ? add_fused_attention(graph_, attention_heads(), query, key, value)
                                   : plain_attention(query, key, value);
        return linear("attention.output", mixed, model_.width, model_.bias);
    }

    TensorId mlp(TensorId x) {
        const std::uint32_t width = model_.mlp_width;
        const TensorId gate = model_.gated_mlp ? linear("mlp.gate", x, width, model_.bias) : no_tensor;
        const TensorId up = linear("mlp.up", x, width, model_.bias);
        TensorId active = append("mlp.activation", OP_ACTIVATION, width, {model_.gated_mlp ? gate : up},
                                 {rows_, width, activation_code(model_.activation)});
        if (model_.gated_mlp) active = append("mlp.product", OP_MUL, width, {active, up}, {rows_, width});
        return linear("mlp.down", active, model_.width, model_.bias);
    }

    void cross_entropy() {
        const TensorId probabilities = activation_tensor("loss.probabilities", rows_, vocabulary_);
        const TensorId loss = activation_tensor("loss", 1, 1);
        add_node(graph_, place("loss"), OP_CROSS_ENTROPY,
                 {probabilities, loss, graph_.logits.back(), StepInput::targets, StepInput::weights},
                 {rows_, vocabulary_});
        add_to_loss(loss);
    }

    /// The step's is the sum: weights of predictions are shares of all of its predictions.
    void add_to_loss(TensorId loss) {
        if (micro_batch_ == 0)
            graph_.loss = loss;
        else
            add_node(graph_, place("loss.sum"), OP_ADD, {graph_.loss, graph_.loss, loss}, {1, 1});
    }

    const scenario::ModelParameters& model_;
    std::uint32_t batch_;
    std::uint32_t vocabulary_;
    std::uint32_t head_width_;
    std::uint32_t kv_heads_;
    std::uint32_t rows_ = 0;
    std::uint16_t layer_ = COMMAND_NO_LAYER;
    std::uint32_t micro_batch_ = 0;
    std::string prefix_;       ///< of the layer
    std::string micro_prefix_; ///< of the micro-batch
    std::map<std::string, TensorId> common_;
    TensorId table_ = no_tensor;
    Graph graph_;
};

} // namespace

TensorId add_attention(Graph& graph, const AttentionHeads& attention, TensorId query, TensorId key, TensorId value) {
    const std::uint32_t batch = attention.batch, context = attention.context;
    const std::uint32_t heads = attention.heads, head_width = attention.head_width;
    const std::uint32_t width = product32("width of all heads", {heads, head_width});
    const auto place = [&](const char* name) {
        return Place{COMMAND_PHASE_FORWARD, attention.layer, attention.prefix + name, attention.micro_batch};
    };
    const auto tensor = [&](const char* name, std::uint64_t rows, std::uint64_t cols) {
        return graph.add_tensor(attention.prefix + name, TensorKind::activation, rows, cols);
    };
    const Batch::Strides row{checked_product("bytes of a sequence", {context, width, 4}),
                             checked_product("bytes of a head", {head_width, 4})};
    const Batch::Strides score{checked_product("scores of a sequence", {heads, context, context, 4}),
                               checked_product("scores of a head", {context, context, 4})};
    const std::uint32_t score_rows = product32("rows of scores", {batch, heads, context});

    float scale = score_scale(attention.score_width, head_width);
    TensorId scores = tensor("attention.scores.out", score_rows, context);
    add_node(
        graph, place("attention.scores"), OP_MATMUL, {scores, query, key},
        {{context, context, head_width}, attention.flags | OP_FLAG_TRANSPOSE_B, {}, {batch, heads, {score, row, row}}});
    if (attention.score_cap != 0) {
        const TensorId capped = tensor("attention.cap.out", score_rows, context);
        add_node(graph, place("attention.cap"), OP_SOFTCAP, {capped, scores},
                 {{score_rows, context}, 0, {static_cast<float>(attention.score_cap), scale}});
        scores = capped;
        scale = 1;
    }
    const TensorId probabilities = tensor("attention.softmax.out", score_rows, context);
    const OperatorSettings softmax{{score_rows, context, context, attention.window},
                                   attention.causal && attention.window == 0 ? OP_FLAG_CAUSAL : 0,
                                   {scale}};
    add_node(graph, place("attention.softmax"), attention.window != 0 ? OP_WINDOW_SOFTMAX : OP_SOFTMAX,
             {probabilities, scores}, softmax);
    const TensorId mixed = tensor("attention.mix.out", std::uint64_t{batch} * context, width);
    add_node(graph, place("attention.mix"), OP_MATMUL, {mixed, probabilities, value},
             {{context, head_width, context}, attention.flags, {}, {batch, heads, {row, score, row}}});
    return mixed;
}

TensorId add_fused_attention(Graph& graph, const AttentionHeads& attention, TensorId query, TensorId key,
                             TensorId value) {
    const std::uint32_t width = product32("width of all heads", {attention.heads, attention.head_width});
    const std::uint32_t rows = product32("rows of queries", {attention.batch, attention.context});
    const TensorId mixed = graph.add_tensor(attention.prefix + "attention.out", TensorKind::activation, rows, width);
    const TensorId sums =
        graph.add_tensor(attention.prefix + "attention.lse", TensorKind::activation,
                         product32("rows of sums", {attention.batch, attention.heads}), attention.context);
    add_node(graph, {COMMAND_PHASE_FORWARD, attention.layer, attention.prefix + "attention", attention.micro_batch},
             OP_ATTENTION, {mixed, sums, query, key, value},
             {{rows, width, attention.head_width, attention.shared, attention.context, attention.window},
              attention.flags | (attention.causal ? OP_FLAG_CAUSAL : 0U),
              {score_scale(attention.score_width, attention.head_width), static_cast<float>(attention.score_cap)}});
    return mixed;
}

Graph forward_graph(const scenario::ModelParameters& model, unsigned batch, unsigned vocabulary,
                    unsigned micro_batches) {
    check(model, batch);
    return ForwardBuilder(model, batch, vocabulary).build(micro_batches);
}

} // namespace gradus::schedule
