// SPDX-License-Identifier: Apache-2.0
// An operator's reference, element by element beside what the chip has. The reference reads the memory as it was before
// the operator, and what it stores is compared and kept nowhere.
//
// An element may be wrong by twice the bound of the reference (platform/schedule/ops/rounding.h): the chip may order
// the operations of a formula otherwise. Where the format is bf16, it may also be wrong by a rounding of its own, and
// by one of each part where it was written several times.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "platform/schedule/ops/reference.h"
#include "platform/verify/results.h"

namespace gradus::verify {

struct Deviation {
    std::uint64_t address = 0; ///< of the element
    double value = 0;          ///< of the chip
    double truth = 0;          ///< of the reference
    double bound = 0;          ///< how far they may be apart
    double ratio = 0;          ///< of how far they are apart to that; infinite for no number, where there should be one
};

struct Comparison {
    Deviation worst;
    std::uint64_t beyond = 0;           ///< elements with a ratio above 1
    bool from_finite = true;            ///< all that the operator read was finite; of others there is no truth
    std::uint64_t not_finite = 0;       ///< elements of the chip
    std::uint64_t first_not_finite = 0; ///< address of one; the lowest
};

/// `image` lies at `image_base`: indices and other inputs of steps are read there.
Comparison compare(const schedule::Op& op, const image_update& update, const TensorMemory& before,
                   const Results& results, const std::vector<std::uint8_t>& image, std::uint64_t image_base);

} // namespace gradus::verify
