// SPDX-License-Identifier: Apache-2.0
// Results side by side: what went in, what came out, and where the difference comes from. The first result is what the
// others are compared with.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platform/explore/cause.h"
#include "platform/explore/result_file.h"
#include "platform/report/terminal.h"

namespace gradus::explore {

/// A key of the scenario whose values differ, as they would stand in a file; "-" where a result does not know the key.
struct InputRow {
    std::string key;
    std::string unit;
    std::vector<std::string> values; ///< one a result
};

enum class Quantity {
    time_ps,
    tokens_per_second,
    bytes,
    bytes_per_second,
    share,
    count,
    joules,
    watts,
    square_millimetres,
    tokens_per_joule,
    tokens_per_second_mm2
};

/// For people, with its unit.
std::string figure_text(Quantity quantity, double value);

/// One figure of every result.
struct FigureRow {
    std::string group; ///< "phase", "dma0"; the rows of a group follow each other
    std::string name;
    Quantity quantity = Quantity::time_ps;
    std::vector<std::optional<double>> values; ///< one a result; none: it has no such figure
    /// values[index] / values[0]; none where one of them is missing or the first is 0.
    std::optional<double> ratio(std::size_t index) const;
};

/// Why a step of one result takes another time than one of the first.
struct ExplainedCause {
    Cause cause;
    std::string sentence;
};

struct Comparison {
    std::vector<std::string> titles;
    std::vector<InputRow> inputs;
    std::vector<FigureRow> figures;
    std::vector<std::string> bounds;                   ///< what bounds each
    std::vector<std::optional<ExplainedCause>> causes; ///< of each but the first; none: one of the two has no step
    std::vector<std::string> notes;                    ///< what makes figures hard to compare
};

/// Two or more. Throws ResultError for a result with a hole.
Comparison compare(std::vector<ResultFile> results);

/// A table for a terminal of that width.
std::string as_text(const Comparison& comparison, std::size_t width = report::usual_width);
/// Documented in doc/what-if.md.
nlohmann::ordered_json as_json(const Comparison& comparison);

} // namespace gradus::explore
