// SPDX-License-Identifier: Apache-2.0
// What a tensor holds in a chip's memory, at the moment and in no simulated time.
#pragma once

#include <vector>

#include "platform/chip/virtual_chip.h"
#include "platform/schedule/schedule.h"

namespace gradus::chip {

/// Row after row, as fp32 whatever the tensor's format is.
std::vector<float> read_tensor(VirtualChip& chip, const schedule::Tensor& tensor);

} // namespace gradus::chip
