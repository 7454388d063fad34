// SPDX-License-Identifier: Apache-2.0
// In which format each tensor lies in DRAM. A graph is built and differentiated as if all of it were fp32; then every
// tensor gets the format of its class (scenario::TensorFormats):
//
//   - a parameter stays fp32. Where weights are bf16, forward and backward read a rounded copy instead, a tensor of
//     kind weight, which the optimizer writes together with the parameter;
//   - a gradient that several shares are added to is rounded after each: the sum itself is done in fp32;
//   - vectors (one row or one column: gains, biases and their gradients, statistics of rows, the loss) stay fp32: they
//     are a thousandth of the traffic;
//   - so does what an operator's definition wants in fp32, and the logits.
#pragma once

#include <string>

#include "platform/schedule/graph.h"

namespace gradus::schedule {

/// Of forward and backward; before the update is appended.
void set_formats(Graph& graph, const scenario::ModelParameters& model);

/// Not a vector.
bool is_matrix(const Tensor& tensor);

/// Of a parameter, or of the parameter that a weight is the copy of.
std::string parameter_name(const Tensor& tensor);

} // namespace gradus::schedule
