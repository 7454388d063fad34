// SPDX-License-Identifier: Apache-2.0
#include "platform/chip/tensor_memory.h"

#include <algorithm>
#include <cstdint>

#include "ip/numerics/bf16.h"

namespace gradus::chip {

std::vector<float> read_tensor(VirtualChip& chip, const schedule::Tensor& tensor) {
    std::vector<float> values(tensor.rows * tensor.cols);
    if (tensor.format != FORMAT_BF16) {
        chip.read_memory(tensor.address, values.data(), tensor.bytes());
        return values;
    }
    std::vector<std::uint16_t> stored(values.size());
    chip.read_memory(tensor.address, stored.data(), tensor.bytes());
    std::transform(stored.begin(), stored.end(), values.begin(), ip::from_bf16);
    return values;
}

} // namespace gradus::chip
