// SPDX-License-Identifier: Apache-2.0
// The parameters that an architect asks about, in one table: each is a few keys that are halved and doubled
// together, with a name for people and what the chip would be bound by if that helped most.
//
// Some need a decision:
//   array and port   rows, columns and the port together: a larger array that is fed as before
//   lanes and port   the same of the vector unit
//   fabric width     all of its ports and those of the DMA channels together
//   DRAM bandwidth   a data bus twice as wide: bursts and rows double, all latencies stay. (More channels would need
//                    another address map, and a faster clock would shorten every latency with it.)
//   DRAM latency     front end, row to column, column to data; what limits the rate of commands stays
//   control clock    the clock of hart, SRAM, control bus and queues alone; the other domains are held where they are
//                    by clocks of their own. A chip of one clock gets no synchroniser from that.
//   all clocks       every domain but the DRAM: no resource, a yardstick
//   precision, batch, sequence
//                    the work, not the chip: yardsticks, too. Half the precision is bf16 instead of fp32
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/scenario/parameters.h"

namespace gradus::explore {

struct Knob {
    std::string_view name;              ///< "DRAM bandwidth"
    std::string_view bound;             ///< "bound by ..."; empty for a yardstick
    bool more_is_better = true;         ///< false: a latency, a cost
    std::vector<std::string_view> keys; ///< of the scenario; a key that is 0 has nothing to scale

    /// Whether it turns what is trained, or how, and not the chip.
    bool of_work() const;
    /// Whether turning this one turns the other, too: what the other gives alone is then no merit of this one.
    bool contains(const Knob& other) const;
};

const std::vector<Knob>& knobs();

/// A chip with one knob turned.
struct Turned {
    std::optional<scenario::Scenario> scenario; ///< none: not legal for this chip
    std::string skipped;                        ///< then why, for people
    std::vector<std::string> changes;           ///< "chip.engine.matrix.rows 4 → 8"
};

/// Every key of the knob times `factor` (0.5, 2); whole numbers are rounded up. A port that says 0 is turned from the
/// width that this means, and stays there while others are turned. Not legal are values outside a key's range,
/// combinations that break a rule of the chip, and values that rounding leaves as they were.
Turned turn(const scenario::Scenario& as_it_is, const Knob& knob, double factor);

} // namespace gradus::explore
