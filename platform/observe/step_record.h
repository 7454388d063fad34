// SPDX-License-Identifier: Apache-2.0
// What happened in one training step.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "ip/common/observer.h"
#include "platform/observe/time_accounts.h"

namespace gradus::observe {

enum class UnitKind { cpu, dma, matrix, vector };
inline constexpr std::size_t unit_kind_count = 4;

/// What units of each kind did together.
struct WorkByKind {
    std::array<ip::CommandWork, unit_kind_count> kinds{};

    const ip::CommandWork& of(UnitKind kind) const { return kinds[static_cast<std::size_t>(kind)]; }
    void add(UnitKind kind, const ip::CommandWork& more);
    WorkByKind& operator+=(const WorkByKind& other);
};

struct StepRecord {
    std::uint32_t step = 0;
    ip::Picoseconds begin = 0;
    ip::Picoseconds end = 0;
    float loss = 0;
    std::vector<Usage> units{};          ///< what they did between begin and end
    WorkByKind work{};                   ///< of commands that retired in it
    std::vector<ip::Picoseconds> path{}; ///< its critical path by unit; the sum is the step
};

} // namespace gradus::observe
