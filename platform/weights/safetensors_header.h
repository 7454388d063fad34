// SPDX-License-Identifier: Apache-2.0
// The header of a safetensors file: what tensors there are, and where in the file.
//
//   8 bytes: length n of the header, little endian | n bytes: JSON, padded with blanks | data
//   {"__metadata__": {"key": "value"}, "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...}
//
// Offsets count from the first byte of the data. Tensors lie one behind the other, without gaps, up to the end.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "platform/weights/error.h"

namespace gradus::weights {

/// Published headers have a hundred bytes a tensor, and a few thousand tensors at most.
inline constexpr std::uint64_t longest_header = 16u << 20;

struct StoredTensor {
    std::string type; ///< "F32", "BF16", ...
    std::vector<std::uint64_t> shape;
    std::uint64_t begin = 0; ///< in the data
    std::uint64_t end = 0;

    std::uint64_t elements() const;
};

struct SafetensorsHeader {
    std::map<std::string, StoredTensor> tensors;
    std::map<std::string, std::string> metadata;
};

/// The JSON of a file with `data_bytes` bytes of data. Throws WeightsError, without the file's name in front: what is
/// no JSON, sizes that do not fit shape and type, tensors that overlap, leave gaps or lie beyond the data.
SafetensorsHeader parse_header(std::string_view json, std::uint64_t data_bytes);

/// "[2, 3]".
std::string shape_text(const std::vector<std::uint64_t>& shape);

} // namespace gradus::weights
