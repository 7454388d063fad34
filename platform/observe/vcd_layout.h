// SPDX-License-Identifier: Apache-2.0
// The signals of a run's value change dump, and how GTKWave arranges them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "platform/observe/recorder.h"
#include "platform/observe/trace_selection.h"

namespace gradus::observe {

struct VcdSignal {
    std::string scope; ///< the unit
    std::string name;
    unsigned bits = 1;
    std::string code; ///< of one or more printable characters
};

/// Positions of a unit's signals; none where it has no such signal.
struct VcdUnit {
    static constexpr std::uint16_t none = 0xffff;
    std::uint16_t depth = none;
    std::uint16_t fence = none;
    std::array<std::uint16_t, ip::activity_count> activity{none, none, none, none, none};
    std::uint16_t op = none;
};

struct VcdLayout {
    VcdLayout(const std::vector<UnitInfo>& units, const TraceSelection& selection);

    /// Up to the first time.
    std::string header() const;
    /// A save file that shows [from, to): queue depths as curves on top, then a group for each unit. It names no file:
    /// `gtkwave trace.vcd trace.gtkw`.
    std::string save_file(const std::vector<UnitInfo>& unit_infos, ip::Picoseconds from, ip::Picoseconds to) const;

    std::vector<VcdSignal> signals;
    std::vector<VcdUnit> units;
    std::uint16_t step = 0; ///< how many are done

private:
    std::uint16_t add(const std::string& scope, const std::string& name, unsigned bits);
};

} // namespace gradus::observe
