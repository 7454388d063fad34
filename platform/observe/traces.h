// SPDX-License-Identifier: Apache-2.0
// The traces of a run: which there are, into which files they go, and what is to be said about them in the end.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/files/whole_file.h"
#include "platform/observe/operators_csv.h"
#include "platform/observe/perfetto_writer.h"
#include "platform/observe/trace_selection.h"
#include "platform/observe/vcd_writer.h"

namespace gradus::observe {

struct TraceKinds {
    bool perfetto = false;
    bool vcd = false;
    bool operators = false;

    bool any() const { return perfetto || vcd || operators; }
};

class Traces : public TraceSink {
public:
    /// A file by its name: "trace.json", "trace.vcd", "trace.gtkw", "operators.csv".
    using File = std::function<files::WholeFile(const char* name)>;

    /// The selection is for trace.json and trace.vcd.
    Traces(const TraceKinds& kinds, const TraceSelection& selection, const File& file,
           const std::vector<UnitInfo>& units, const std::vector<schedule::Op>& ops,
           const std::vector<BlockPower>& power);

    void span(ip::UnitId unit, const ip::Span& span) override;
    void submitted(ip::UnitId unit, std::uint32_t count, ip::Picoseconds time) override;
    void retired(ip::UnitId unit, const ip::Tag& tag, const ip::CommandWork& work) override;
    void ended(ip::UnitId unit, const ip::Tag& tag, const ip::CommandTimes& times) override;
    void counted(Counter counter, ip::Picoseconds begin, ip::Picoseconds end, std::int64_t amount) override;
    void sampled(ip::Picoseconds time) override;
    void step_done(std::uint32_t step, std::optional<float> loss, ip::Picoseconds time) override;
    void validated(std::uint32_t step, std::optional<float> loss, ip::Picoseconds time) override;
    void run_ended(ip::Picoseconds time) override;

    struct Report {
        std::vector<std::string> files;    ///< paths, with how much is in them
        std::vector<std::string> errors;   ///< files that could not be written
        std::vector<std::string> messages; ///< traces that show nothing, or not everything
    };
    /// Closes all files.
    Report finish();

private:
    const TraceSelection selection_;
    const std::vector<UnitInfo> units_;
    std::unique_ptr<PerfettoWriter> perfetto_;
    std::unique_ptr<VcdWriter> vcd_;
    std::unique_ptr<files::WholeFile> save_file_; ///< GTKWave's
    std::unique_ptr<OperatorsCsv> operators_;
    std::vector<TraceSink*> sinks_;
    ip::Picoseconds end_ = 0;
};

} // namespace gradus::observe
