// SPDX-License-Identifier: Apache-2.0
// Lists of shapes of an operator, in a text: a shape a line with # for comments, or, of gemm, a table of layers as
// SCALE-Sim reads it (github.com/scalesim-project/SCALE-Sim, scalesim/topology_utils.py).
//
//   Layer, M, N, K                     the product [M, N] = [M, K] [K, N]; SCALE-Sim's M, N and K are ours
//   Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides
//                                      a convolution, as the product of its unrolled input and its filters (im2col)
//
// A convolution without padding: the size of the input holds it already. Of an output of
//   E = ceil((IFMAP - Filter) / Stride) + 1    pixels in each direction,
// M = E_height E_width pixels, K = Filter_height Filter_width Channels values under the filter, and N filters. A layer
// with DP in its name is depthwise: as many products as it has channels, each over one of them.
// Sparsity is read and not modelled: such a layer is a dense one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/schedule/operator.h"

namespace gradus::schedule {

struct ListedShape {
    std::string place;               ///< "FILE:LINE", for messages
    std::string name;                ///< of the layer; empty in a list of shapes
    std::vector<std::uint32_t> dims; ///< of the operator; as many as it takes, none of them 0
    std::uint32_t times = 1;         ///< how many such products the layer is
    std::string sparsity;            ///< "2:4" where the table says so; empty if dense
};

/// The shapes of `op` in `text`, which `file` names in messages: at least one. Throws ScheduleError.
std::vector<ListedShape> parse_shapes(std::string_view text, const std::string& file, const OperatorShape& op);

} // namespace gradus::schedule
