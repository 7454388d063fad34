// SPDX-License-Identifier: Apache-2.0
// Where tensors live. Parameters, gradients, moments and the loss keep their place for the whole run; activations and
// their gradients share one arena: each is there from the first to the last operator that touches it, at the lowest
// address that is free then (first fit). Everything is aligned to 256 bytes.
#pragma once

#include <cstdint>

#include "ip/common/address_range.h"
#include "platform/schedule/graph.h"

namespace gradus::schedule {

inline constexpr std::uint64_t tensor_alignment = 256;

constexpr std::uint64_t aligned(std::uint64_t bytes) {
    return (bytes + tensor_alignment - 1) / tensor_alignment * tensor_alignment;
}

/// With a table of what takes how much.
class DoesNotFit : public ScheduleError {
public:
    using ScheduleError::ScheduleError;
};

/// Gives every tensor its address and every operator its activation bytes, behind `image_bytes` for the image at the
/// start of `dram` (whose base is aligned). Returns how much of it is taken. Throws DoesNotFit.
std::uint64_t plan_memory(Graph& graph, std::uint64_t image_bytes, ip::AddressRange dram);

} // namespace gradus::schedule
