// SPDX-License-Identifier: Apache-2.0
// A table of operators as a CSV file (RFC 4180, a line feed ends a record), streamed: a row for each operator of each
// step, written when the step is done; what belongs to no step that ends, such as generated text, at the end of the
// run.
//
// doc/traces.md has the columns. An operator starts with the first execution of one of its commands and ends with the
// last; operators overlap. The hart has no columns: it works for many operators at a time.
//
// Memory is bounded by the operators of a step. Window and filter of other traces do not apply: a row is a total.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "platform/files/whole_file.h"
#include "platform/observe/recorder.h"
#include "platform/schedule/schedule.h"

namespace gradus::observe {

/// A field of a CSV file: quoted when it must be.
std::string csv_field(const std::string& text);

class OperatorsCsv : public TraceSink {
public:
    OperatorsCsv(files::WholeFile file, const std::vector<UnitInfo>& units, const std::vector<schedule::Op>& ops);
    ~OperatorsCsv() override;
    OperatorsCsv(const OperatorsCsv&) = delete;
    OperatorsCsv& operator=(const OperatorsCsv&) = delete;

    void span(ip::UnitId unit, const ip::Span& span) override;
    void retired(ip::UnitId unit, const ip::Tag& tag, const ip::CommandWork& work) override;
    void step_done(std::uint32_t step, std::optional<float> loss, ip::Picoseconds time) override;

    /// Writes what is left and closes the file. Later calls change nothing.
    const files::WholeFile& finish();
    std::uint64_t rows() const { return rows_; }

private:
    using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint8_t, std::uint16_t>; ///< step, op, phase, layer
    struct Row {
        ip::Picoseconds begin = 0, end = 0;
        bool executed = false;
        WorkTotals work;
        std::vector<Usage> units;
    };

    Row& row(const ip::Tag& tag);
    void write(const Key& key, const Row& row);

    files::WholeFile file_;
    const std::vector<UnitInfo> units_;
    struct Named {
        std::string name, kind; ///< as CSV fields
    };
    std::vector<Named> ops_;
    std::map<Key, Row> open_;
    Key last_key_{};
    Row* last_ = nullptr; ///< commands of one operator follow each other
    std::uint64_t rows_ = 0;
};

} // namespace gradus::observe
