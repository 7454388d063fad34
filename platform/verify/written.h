// SPDX-License-Identifier: Apache-2.0
// What a DMA command has written, taken when it was done: later commands may write over it before anybody looks.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "ip/common/address_range.h"
#include "ip/common/command.h"
#include "ip/common/observer.h"

namespace gradus::verify {

/// Reads a chip's memory.
using ReadMemory = std::function<void(std::uint64_t address, void* data, std::uint64_t bytes)>;

struct Written {
    ip::UnitId queue = 0;
    std::uint32_t number = 0; ///< of the command in its queue, from the step's first on
    command descriptor{};
    std::vector<std::uint64_t> rows; ///< where each of them begins
    std::uint64_t row_bytes = 0;
    std::vector<std::uint8_t> data; ///< row after row
};

/// Of a command of a DMA channel that has executed; nothing if it did not write into `dram`.
std::optional<Written> written_by(const command& descriptor, ip::AddressRange dram, const ReadMemory& read);

} // namespace gradus::verify
