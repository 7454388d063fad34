// SPDX-License-Identifier: Apache-2.0
#include "platform/scenario/check.h"

#include <fmt/format.h>

#include "platform/scenario/read_file.h"
#include "platform/scenario/schema.h"
#include "platform/scenario/texts.h"

namespace gradus::scenario {

std::optional<Conflict> find_conflict(const ChipParameters& chip) {
    const ip::ScratchpadParameters& scratchpad = chip.scratchpad;
    const ip::Bytes row = scratchpad.banks * scratchpad.bank_bytes;
    if (scratchpad.bytes % row != 0)
        return Conflict{"chip.scratchpad.bytes", "chip.scratchpad.banks",
                        fmt::format("chip.scratchpad.bytes = {} must be a multiple of chip.scratchpad.banks * "
                                    "chip.scratchpad.bank_bytes = {} * {} = {}",
                                    scratchpad.bytes, scratchpad.banks, scratchpad.bank_bytes, row)};

    if (const auto misfit = ip::find_misfit(chip.dram)) {
        const Parameter* parameter = find("chip.dram." + misfit->member);
        return Conflict{parameter->key, parameter->key,
                        fmt::format("{} = {} {}", parameter->key,
                                    to_string(parameter->get(Scenario{"", chip, {}, {}, {}})), misfit->message)};
    }

    const Voltage& voltage = chip.technology.voltage;
    if (voltage.threshold >= voltage.nominal)
        return Conflict{"chip.technology.voltage.threshold", "chip.technology.voltage.nominal",
                        fmt::format("chip.technology.voltage.threshold = {} must be below "
                                    "chip.technology.voltage.nominal = {}",
                                    voltage.threshold, voltage.nominal)};
    if (voltage.highest < voltage.nominal)
        return Conflict{"chip.technology.voltage.highest", "chip.technology.voltage.nominal",
                        fmt::format("chip.technology.voltage.highest = {} must not be below "
                                    "chip.technology.voltage.nominal = {}",
                                    voltage.highest, voltage.nominal)};
    return std::nullopt;
}

namespace {

std::optional<Conflict> find_conflict(const ModelParameters& model, const RunParameters& run) {
    if (model.head_width == 0 && model.width % model.heads != 0)
        return Conflict{"model.heads", "model.width",
                        fmt::format("model.heads = {} must divide model.width = {}, or model.head_width be given",
                                    model.heads, model.width)};
    if (model.kv_heads != 0 && model.heads % model.kv_heads != 0)
        return Conflict{"model.kv_heads", "model.heads",
                        fmt::format("model.kv_heads = {} must divide model.heads = {}", model.kv_heads, model.heads)};
    if (model.norm_bias && model.norm == Norm::rmsnorm)
        return Conflict{"model.norm_bias", "model.norm",
                        "model.norm_bias is for model.norm = \"layernorm\": RMSNorm has none"};
    if (model.norm_offset && !model.norm_gain)
        return Conflict{"model.norm_offset", "model.norm_gain",
                        "model.norm_offset is of gains, and model.norm_gain is false"};
    if (model.embedding_scaled && model.positions == Positions::learned)
        return Conflict{"model.embedding_scaled", "model.positions",
                        "model.embedding_scaled is for models without an embedding of positions"};
    if (model.head == Form::fused && model.head_bias)
        return Conflict{"model.head", "model.head_bias",
                        "model.head = \"fused\" has no bias: model.head = \"plain\" has model.head_bias"};
    if (model.global_every != 0 && model.window == 0)
        return Conflict{"model.global_every", "model.window",
                        "model.global_every is of models whose other layers have a model.window, and that is 0"};
    if (model.rope.local_theta != 0 && model.window == 0)
        return Conflict{"model.rope.local_theta", "model.window",
                        "model.rope.local_theta is of layers that have a model.window, and that is 0"};
    if ((model.objective == Objective::label) != (model.patch_values != 0))
        return Conflict{
            "model.objective", "model.patch_values",
            "model.objective = \"label\" and model.patch_values, of the images that have labels, go together"};
    if (model.patch_values != 0 && (model.context < 2 || model.tied_head || model.token_types != 0 ||
                                    model.embedding_scaled || run.text != "synthetic"))
        return Conflict{"model.patch_values", "run.text",
                        "model.patch_values: images have no tokens: run.text is \"synthetic\", model.context 2 or "
                        "more, model.tied_head and model.embedding_scaled false and model.token_types 0"};
    if (model.objective != Objective::next_token && model.window != 0)
        return Conflict{"model.window", "model.objective",
                        "model.window is for model.objective = \"next_token\": in others, every position sees all"};
    if (model.objective != Objective::next_token && run.generate != 0)
        return Conflict{"run.generate", "model.objective",
                        "run.generate is for model.objective = \"next_token\": others continue no text"};
    if (model.rope.scaling == RopeScaling::llama3 && model.rope.low_turns >= model.rope.high_turns)
        return Conflict{"model.rope.low_turns", "model.rope.high_turns",
                        fmt::format("model.rope.low_turns = {} must be below model.rope.high_turns = {}",
                                    model.rope.low_turns, model.rope.high_turns)};
    if (run.momentum > 0 && run.optimizer == OptimizerKind::adamw)
        return Conflict{"run.momentum", "run.optimizer",
                        "run.momentum is for run.optimizer = \"sgd\": AdamW has run.beta1"};
    if (run.text == "synthetic" && model.vocabulary == 0)
        return Conflict{
            "model.vocabulary", "run.text",
            "model.vocabulary must be given (2 or more): a run with text = \"synthetic\" has no text to take "
            "the vocabulary from"};
    if (model.vocabulary == 1)
        return Conflict{"model.vocabulary", "run.text",
                        "model.vocabulary = 1 leaves nothing to predict: 0 (from the text) or 2 and more"};
    if (run.text == "synthetic") return std::nullopt;
    try {
        check_readable(run.text, largest_text(run.text));
    } catch (const FileError& error) {
        return Conflict{"run.text", "run.text",
                        fmt::format("run.text: {} (\"synthetic\" trains on random tokens)", error.what())};
    }
    return std::nullopt;
}

} // namespace

std::optional<Conflict> find_conflict(const Scenario& scenario) {
    if (auto conflict = find_conflict(scenario.chip)) return conflict;
    return find_conflict(scenario.model, scenario.run);
}

} // namespace gradus::scenario
