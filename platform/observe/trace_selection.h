// SPDX-License-Identifier: Apache-2.0
// Which part of a run a trace shows: a window of simulated time, and what a regular expression finds by name.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "platform/observe/recorder.h"
#include "platform/schedule/schedule.h"

namespace gradus::observe {

/// [begin, end) of simulated time.
struct TimeWindow {
    ip::Picoseconds begin = 0;
    ip::Picoseconds end = std::numeric_limits<ip::Picoseconds>::max();
    std::string text{}; ///< as it was written; empty: the whole run

    bool touches(ip::Picoseconds from, ip::Picoseconds to) const { return from < end && to > begin; }
};

/// "1ms:2.5ms", "1ms:", ":300us": a number and ps, ns, us, ms or s on each side; one side may be open. Throws
/// std::invalid_argument with what is wrong.
TimeWindow parse_time_window(std::string_view text);

/// The names of a run are those of its units, its curves (memories and power), its phases, its layers ("layer0") and
/// its operators. A span is shown when the name of its unit, its phase, its layer or its operator is found; the queue
/// of a unit, or a curve, when its own name is.
class TraceSelection {
public:
    /// `filter`: a regular expression, found anywhere in a name; none: everything is shown. Its time is linear in the
    /// name whatever the expression (RE2). Throws std::invalid_argument for one that is none.
    TraceSelection(TimeWindow window, const std::optional<std::string>& filter, const std::vector<UnitInfo>& units,
                   const std::vector<std::string>& curves, const std::vector<schedule::Op>& ops);

    const TimeWindow& window() const { return window_; }
    const std::optional<std::string>& filter() const { return filter_; }
    bool shows(ip::UnitId unit, const ip::Span& span) const;
    bool shows_queue(ip::UnitId unit) const { return !filter_ || units_[unit]; }
    bool shows_curve(const std::string& name) const { return !filter_ || curves_.count(name) > 0; }
    /// The filter finds no name at all: the name most like it.
    const std::optional<std::string>& nearest_miss() const { return nearest_miss_; }

private:
    TimeWindow window_;
    std::optional<std::string> filter_;
    std::vector<bool> units_, phases_, layers_, ops_; ///< found
    std::set<std::string> curves_;                    ///< those that are
    std::optional<std::string> nearest_miss_;
};

} // namespace gradus::observe
