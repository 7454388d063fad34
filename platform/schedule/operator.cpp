// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/operator.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "platform/schedule/assemble.h"
#include "platform/schedule/forward.h"
#include "platform/text/lines.h"

namespace gradus::schedule {
namespace {

constexpr float norm_epsilon = 1e-5F;

class OperatorBuilder {
public:
    explicit OperatorBuilder(const OperatorRequest& request)
        : request_(request), bf16_(request.format == scenario::Format::bf16) {}

    Graph build() {
        const std::vector<std::uint32_t>& dims = request_.dims;
        switch (request_.kind) {
        case OperatorKind::gemm:
            gemm(dims[0], dims[1], dims[2]);
            break;
        case OperatorKind::softmax:
            add_node(graph_, place("softmax"), OP_SOFTMAX, {output(), input("x")}, {{dims[0], dims[1]}, 0, {1.0F}, {}});
            break;
        case OperatorKind::layernorm:
            add_node(graph_, place("layernorm"), OP_LAYERNORM,
                     {output(), input("x"), no_tensor, no_tensor, row("gain"), row("bias")},
                     {{dims[0], dims[1]}, 0, {norm_epsilon}, {}});
            break;
        case OperatorKind::rmsnorm:
            add_node(graph_, place("rmsnorm"), OP_RMSNORM, {output(), input("x"), no_tensor, row("gain")},
                     {{dims[0], dims[1]}, 0, {norm_epsilon}, {}});
            break;
        case OperatorKind::attention:
        case OperatorKind::fused_attention:
            attention(dims[0], dims[1], dims[2]);
            break;
        case OperatorKind::add:
            add_node(graph_, place("add"), OP_ADD, {output(), input("a"), input("b")}, {{dims[0], dims[1]}});
            break;
        case OperatorKind::relu:
            add_node(graph_, place("relu"), OP_ACTIVATION, {output(), input("x")},
                     {{dims[0], dims[1], ACTIVATION_RELU}});
            break;
        case OperatorKind::copy:
            add_node(graph_, place("copy"), OP_COPY, {output(), input("x")}, {{dims[0], dims[1]}});
            break;
        }
        // The firmware reports a loss after each step; this one stays zero.
        graph_.loss = graph_.add_tensor("loss", TensorKind::activation, 1, 1);
        graph_.logits = {graph_.loss};
        return std::move(graph_);
    }

private:
    static Place place(const char* name) { return {COMMAND_PHASE_FORWARD, COMMAND_NO_LAYER, name}; }

    TensorId tensor(const char* name, std::uint64_t rows, std::uint64_t cols, bool is_input) {
        const bool converted = request_.kind == OperatorKind::gemm || request_.kind == OperatorKind::attention ||
                               request_.kind == OperatorKind::fused_attention;
        const bool narrow = bf16_ && !converted;
        const TensorId id =
            graph_.add_tensor(name, is_input && !narrow ? TensorKind::parameter : TensorKind::activation, rows, cols);
        if (narrow) graph_.tensors[id].format = FORMAT_BF16;
        return id;
    }
    TensorId input(const char* name) { return tensor(name, request_.dims[0], request_.dims[1], true); }
    TensorId row(const char* name) { return tensor(name, 1, request_.dims[1], true); }
    TensorId output() { return tensor("y", request_.dims[0], request_.dims[1], false); }

    std::uint32_t flags() const { return bf16_ ? OP_FLAG_BF16 : 0; }

    void gemm(std::uint32_t m, std::uint32_t n, std::uint32_t k) {
        const TensorId a = tensor("a", m, k, true), b = tensor("b", k, n, true), c = tensor("c", m, n, false);
        add_node(graph_, place("gemm"), OP_MATMUL, {c, a, b}, {{m, n, k}, flags(), {}, {}});
    }

    void attention(std::uint32_t sequence, std::uint32_t width, std::uint32_t heads) {
        if (width % heads != 0) throw ScheduleError(fmt::format("{} heads do not divide a width of {}", heads, width));
        const TensorId query = input("query"), key = input("key"), value = input("value");
        const auto add = request_.kind == OperatorKind::attention ? add_attention : add_fused_attention;
        add(graph_, {"", COMMAND_NO_LAYER, 1, sequence, heads, width / heads, flags()}, query, key, value);
    }

    const OperatorRequest& request_;
    const bool bf16_;
    Graph graph_;
};

void check(const OperatorRequest& request) {
    const auto& shapes = operator_shapes();
    const auto found = std::find_if(shapes.begin(), shapes.end(),
                                    [&](const OperatorShape& shape) { return shape.kind == request.kind; });
    const auto wanted = static_cast<std::size_t>(std::count(found->shape.begin(), found->shape.end(), 'x')) + 1;
    if (request.dims.size() != wanted)
        throw ScheduleError(fmt::format("{}: the shape is {}: {} dimensions, not {}", found->name, found->shape, wanted,
                                        request.dims.size()));
    if (std::find(request.dims.begin(), request.dims.end(), 0u) != request.dims.end())
        throw ScheduleError(fmt::format("{}: a dimension is 0", found->name));
    if (request.format == scenario::Format::bf16 && !found->bf16)
        throw ScheduleError(fmt::format("{}: is done in fp32 only", found->name));
    if (request.steps == 0) throw ScheduleError("an operator runs 1 or more times");
}

/// What the image asks for and an operator does not need.
scenario::ModelParameters lone_model() {
    scenario::ModelParameters model;
    model.context = 1;
    model.vocabulary = 2;
    return model;
}

scenario::RunParameters run_of(const OperatorRequest& request) {
    scenario::RunParameters run;
    run.steps = request.steps;
    run.record_commands = request.record_commands;
    run.text = "synthetic";
    return run;
}

} // namespace

const std::vector<OperatorShape>& operator_shapes() {
    static const std::vector<OperatorShape> shapes = {
        {"gemm", OperatorKind::gemm, "MxNxK", "C [M, N] = A [M, K] B [K, N]", true},
        {"softmax", OperatorKind::softmax, "RxC", "of each of R rows of C", false},
        {"layernorm", OperatorKind::layernorm, "RxC", "of each of R rows of C, with gain and bias", false},
        {"rmsnorm", OperatorKind::rmsnorm, "RxC", "of each of R rows of C, with gain", false},
        {"attention", OperatorKind::attention, "SxWxH",
         "scores, causal softmax and mix of H heads; query, key and value are [S, W]", true},
        {"fused_attention", OperatorKind::fused_attention, "SxWxH",
         "the same in one operator, with no scores in DRAM, as model.attention = \"fused\" has it", true},
        {"add", OperatorKind::add, "RxC", "sum of two tensors", true},
        {"relu", OperatorKind::relu, "RxC", "of each element", true},
        {"copy", OperatorKind::copy, "RxC", "from DRAM through the scratchpad back to DRAM", true}};
    return shapes;
}

const OperatorShape* find_operator(std::string_view name) {
    for (const OperatorShape& shape : operator_shapes())
        if (shape.name == name) return &shape;
    return nullptr;
}

std::optional<std::vector<std::uint32_t>> parse_shape(std::string_view text) {
    constexpr std::string_view signs[] = {"x", "X", "*", "\xC3\x97"};
    std::vector<std::uint32_t> dims;
    for (;;) {
        text = text::without_blanks(text);
        std::uint32_t dim = 0;
        const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), dim);
        if (error != std::errc{}) return std::nullopt;
        dims.push_back(dim);
        text = text::without_blanks(text.substr(static_cast<std::size_t>(rest - text.data())));
        if (text.empty()) return dims;
        const auto* const sign = std::find_if(std::begin(signs), std::end(signs), [&](std::string_view each) {
            return text.substr(0, each.size()) == each;
        });
        if (sign == std::end(signs)) return std::nullopt;
        text.remove_prefix(sign->size());
    }
}

void check_operator(const OperatorRequest& request, ip::AddressRange dram) {
    check(request);
    Graph graph = OperatorBuilder(request).build();
    place(graph, lone_model(), run_of(request), dram);
}

Schedule build_operator(const OperatorRequest& request, ip::AddressRange dram) {
    check(request);
    const scenario::ModelParameters model = lone_model();
    const scenario::RunParameters run = run_of(request);
    return assemble(OperatorBuilder(request).build(), model, run, StepInputs(model, run), dram);
}

} // namespace gradus::schedule
