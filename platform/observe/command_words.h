// SPDX-License-Identifier: Apache-2.0
// A command for people: in columns of a table, or as a line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ip/common/command.h"
#include "platform/observe/recorder.h"

namespace gradus::observe {

struct CommandWords {
    std::string queue;   ///< "dma3"
    std::string command; ///< "copy", "multiply", "fence"
    std::string shape;   ///< rows x columns, m x n x k; "-" of a fence
    std::string waits;   ///< "dma0 5, vector 2": so many of these queues must have retired; "-": it waits for none
};

/// Queue i is unit i. Throws std::out_of_range for a wait for a queue that there is not.
CommandWords command_words(const std::vector<UnitInfo>& units, unsigned queue, const command& descriptor);

/// "copy 16x64, waits for dma0 5, vector 2"
std::string command_line(const CommandWords& words);

} // namespace gradus::observe
