// SPDX-License-Identifier: Apache-2.0
// Random small models in training on chips that tile them differently.
#pragma once

#include <limits>
#include <random>
#include <string>
#include <vector>

#include "tests/support/chip_run.h"
#include "tests/support/random_models.h"

namespace gradus::test {

struct ChipVariant {
    const char* name;
    std::vector<std::string> overrides;
};

inline const std::vector<ChipVariant>& chip_variants() {
    static const std::vector<ChipVariant> variants{
        {"Tiny", {}},
        {"ArrayOneByOne", {"chip.engine.matrix.rows=1", "chip.engine.matrix.cols=1", "chip.engine.vector.lanes=1"}},
        {"ArrayThreeByFive", {"chip.engine.matrix.rows=3", "chip.engine.matrix.cols=5", "chip.dma.channels=5"}},
        {"SmallScratchpad", {"chip.scratchpad.bytes=8192", "chip.dma.channels=1"}},
        {"LargeArray", {"chip.engine.matrix.rows=256", "chip.engine.matrix.cols=256", "chip.dma.burst_bytes=16"}},
        {"Bf16", {"model.format=bf16"}},
        {"Mixed", {"model.format=bf16", "model.precision=mixed", "run.clip=0.5"}},
    };
    return variants;
}

inline scenario::Scenario random_scenario(std::uint64_t seed, const ChipVariant& variant) {
    scenario::Scenario scenario = shipped_scenario("names", variant.overrides);
    const scenario::Format format = scenario.model.format;
    const scenario::Precision precision = scenario.model.precision;
    const double clip = scenario.run.clip;
    const RandomModel random = random_model(seed);
    scenario.model = random.model;
    scenario.model.format = format;
    scenario.model.precision = precision;
    // Of one or two numbers RMSNorm leaves little but their signs, and of its gradient little but rounding.
    if (scenario.model.width < 4) scenario.model.width *= 4;
    scenario.run = random.run;
    scenario.run.clip = clip;
    scenario.run.steps = 2;
    scenario.run.weight_decay = 0.1;
    // With the usual 1e-8 an update is little more than the gradient's sign, which rounding decides where it is small.
    scenario.run.epsilon = 1e-2;
    return scenario;
}

/// Parameters and constants are uniformly random, gains and biases too; whatever else must not be read before it is
/// written is NaN.
inline std::vector<float> initial_content(const schedule::Tensor& tensor, std::mt19937_64& engine) {
    const std::size_t elements = tensor.rows * tensor.cols;
    if (tensor.kind == schedule::TensorKind::moment) return std::vector<float>(elements, 0.0f);
    if (tensor.kind != schedule::TensorKind::parameter && tensor.kind != schedule::TensorKind::weight &&
        tensor.kind != schedule::TensorKind::constant)
        return std::vector<float>(elements, std::numeric_limits<float>::quiet_NaN());
    std::vector<float> values(elements);
    if (tensor.name == "embedding.types") return values; // indices
    std::uniform_real_distribution<float> uniform(-0.6f, 0.6f);
    for (float& value : values)
        value = uniform(engine);
    return values;
}

inline void fill_scratchpad_with_nan(chip::VirtualChip& chip, const scenario::ChipParameters& parameters) {
    const std::vector<float> nan(parameters.scratchpad.bytes / sizeof(float), std::numeric_limits<float>::quiet_NaN());
    chip.write_memory(chip::scratchpad_base, nan.data(), parameters.scratchpad.bytes);
}

} // namespace gradus::test
