// SPDX-License-Identifier: Apache-2.0
#include "platform/schedule/rope_angles.h"

#include <cmath>

namespace gradus::schedule {
namespace {

constexpr double two_pi = 6.283185307179586;

/// Hugging Face transformers 4.45, modeling_rope_utils, _compute_llama3_parameters().
double slowed_down(double frequency, const scenario::RopeParameters& rope) {
    const double turns = rope.original_context * frequency / two_pi;
    if (turns < rope.low_turns) return frequency / rope.factor;
    if (turns > rope.high_turns) return frequency;
    const double kept = (turns - rope.low_turns) / (rope.high_turns - rope.low_turns);
    return (1 - kept) * frequency / rope.factor + kept * frequency;
}

} // namespace

unsigned turned_width(const scenario::ModelParameters& model, unsigned head_width) {
    return static_cast<unsigned>(head_width * model.rope.fraction) / 2 * 2;
}

scenario::RopeParameters local_rope(scenario::RopeParameters rope) {
    if (rope.local_theta == 0) return rope;
    rope.theta = rope.local_theta;
    rope.scaling = scenario::RopeScaling::none;
    return rope;
}

std::vector<double> rope_frequencies(const scenario::RopeParameters& rope, unsigned turned) {
    std::vector<double> frequencies;
    for (unsigned i = 0; i < turned / 2; ++i) {
        const double frequency = std::pow(rope.theta, -2.0 * i / turned);
        if (rope.scaling == scenario::RopeScaling::linear)
            frequencies.push_back(frequency / rope.factor);
        else if (rope.scaling == scenario::RopeScaling::llama3)
            frequencies.push_back(slowed_down(frequency, rope));
        else
            frequencies.push_back(frequency);
    }
    return frequencies;
}

std::vector<float> rope_table(const scenario::RopeParameters& rope, std::uint64_t positions, unsigned turned) {
    const std::vector<double> frequencies = rope_frequencies(rope, turned);
    std::vector<float> table;
    table.reserve(positions * turned);
    for (std::uint64_t position = 0; position < positions; ++position) {
        for (const double frequency : frequencies)
            table.push_back(static_cast<float>(std::cos(static_cast<double>(position) * frequency)));
        for (const double frequency : frequencies)
            table.push_back(static_cast<float>(std::sin(static_cast<double>(position) * frequency)));
    }
    return table;
}

} // namespace gradus::schedule
