// SPDX-License-Identifier: Apache-2.0
// The angles of rotary positions (Su et al., RoFormer, 2021, equation 15), slowed down for contexts longer than a model
// was first trained for: all of them (Chen et al., Extending Context Window, 2023), or the slow ones, as Llama 3.1.
#pragma once

#include <vector>

#include "platform/scenario/parameters.h"

namespace gradus::schedule {

/// Columns of a head that are turned: even.
unsigned turned_width(const scenario::ModelParameters& model, unsigned head_width);

/// Of layers within a window.
scenario::RopeParameters local_rope(scenario::RopeParameters rope);

/// Radians a position, for each pair of `turned` columns.
std::vector<double> rope_frequencies(const scenario::RopeParameters& rope, unsigned turned);

/// [positions, turned]: cosines of the pairs, then their sines.
std::vector<float> rope_table(const scenario::RopeParameters& rope, std::uint64_t positions, unsigned turned);

} // namespace gradus::schedule
