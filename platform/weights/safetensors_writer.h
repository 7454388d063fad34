// SPDX-License-Identifier: Apache-2.0
// What stands in front of the data of a safetensors file.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "platform/weights/safetensors_header.h"

namespace gradus::weights {

/// A tensor whose place in the data is not known yet.
struct NewTensor {
    std::string name;
    std::string type; ///< "F32" or "BF16"
    std::vector<std::uint64_t> shape;
};

/// Length and header of a file whose data are these tensors, in this order and without gaps. A multiple of 8 bytes.
std::string header_of(const std::vector<NewTensor>& tensors,
                      const std::vector<std::pair<std::string, std::string>>& metadata);

} // namespace gradus::weights
