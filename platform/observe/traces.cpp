// SPDX-License-Identifier: Apache-2.0
#include "platform/observe/traces.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

namespace gradus::observe {

namespace {

std::vector<std::string> names_of(const std::vector<schedule::Op>& ops) {
    std::vector<std::string> names;
    for (const schedule::Op& op : ops)
        names.push_back(op.name);
    return names;
}

std::string size_of(const files::WholeFile& file) {
    const auto bytes = static_cast<double>(file.bytes());
    return bytes < 1e6 ? fmt::format("{:.0f} kB", bytes / 1e3) : fmt::format("{:.0f} MB", bytes / 1e6);
}

} // namespace

Traces::Traces(const TraceKinds& kinds, const TraceSelection& selection, const File& file,
               const std::vector<UnitInfo>& units, const std::vector<schedule::Op>& ops,
               const std::vector<BlockPower>& power)
    : selection_(selection), units_(units) {
    if (kinds.perfetto) {
        perfetto_ = std::make_unique<PerfettoWriter>(file("trace.json"), units, names_of(ops), power, selection_);
        sinks_.push_back(perfetto_.get());
    }
    if (kinds.vcd) {
        vcd_ = std::make_unique<VcdWriter>(file("trace.vcd"), units, selection_);
        sinks_.push_back(vcd_.get());
        save_file_ = std::make_unique<files::WholeFile>(file("trace.gtkw"));
    }
    if (kinds.operators) {
        operators_ = std::make_unique<OperatorsCsv>(file("operators.csv"), units, ops);
        sinks_.push_back(operators_.get());
    }
}

void Traces::span(ip::UnitId unit, const ip::Span& span) {
    for (TraceSink* sink : sinks_)
        sink->span(unit, span);
}

void Traces::submitted(ip::UnitId unit, std::uint32_t count, ip::Picoseconds time) {
    for (TraceSink* sink : sinks_)
        sink->submitted(unit, count, time);
}

void Traces::retired(ip::UnitId unit, const ip::Tag& tag, const ip::CommandWork& work) {
    for (TraceSink* sink : sinks_)
        sink->retired(unit, tag, work);
}

void Traces::ended(ip::UnitId unit, const ip::Tag& tag, const ip::CommandTimes& times) {
    for (TraceSink* sink : sinks_)
        sink->ended(unit, tag, times);
}

void Traces::counted(Counter counter, ip::Picoseconds begin, ip::Picoseconds end, std::int64_t amount) {
    for (TraceSink* sink : sinks_)
        sink->counted(counter, begin, end, amount);
}

void Traces::sampled(ip::Picoseconds time) {
    for (TraceSink* sink : sinks_)
        sink->sampled(time);
}

void Traces::step_done(std::uint32_t step, std::optional<float> loss, ip::Picoseconds time) {
    for (TraceSink* sink : sinks_)
        sink->step_done(step, loss, time);
}

void Traces::validated(std::uint32_t step, std::optional<float> loss, ip::Picoseconds time) {
    for (TraceSink* sink : sinks_)
        sink->validated(step, loss, time);
}

void Traces::run_ended(ip::Picoseconds time) {
    end_ = time;
    for (TraceSink* sink : sinks_)
        sink->run_ended(time);
}

Traces::Report Traces::finish() {
    Report report;
    const auto close = [&report](const files::WholeFile& file, const std::string& content) {
        if (file.error())
            report.errors.push_back(*file.error());
        else
            report.files.push_back(fmt::format("{} ({}, {})", file.path(), content, size_of(file)));
    };
    const std::string& text = selection_.window().text;
    const std::string shown = text.empty() ? "" : " in the window " + text;
    bool empty = true;
    if (perfetto_) {
        close(perfetto_->finish(), fmt::format("{} slices{}", perfetto_->slices(), shown));
        empty = empty && perfetto_->slices() == 0 && perfetto_->values() == 0;
    }
    if (vcd_) {
        const std::string save_file = std::filesystem::path(save_file_->path()).filename().string();
        close(vcd_->finish(), fmt::format("with {}, {} changes{}", save_file, vcd_->changes(), shown));
        empty = empty && vcd_->changes() == 0;
        if (vcd_->unknown() > 0)
            report.messages.push_back(fmt::format("{}: {} ps of units' time, reported too late, are shown as unknown",
                                                  vcd_->finish().path(), vcd_->unknown()));
        const TimeWindow& window = selection_.window();
        save_file_->append(VcdLayout(units_, selection_).save_file(units_, window.begin, std::min(window.end, end_)));
        save_file_->keep();
        if (save_file_->error()) report.errors.push_back(*save_file_->error());
    }
    if (operators_) close(operators_->finish(), fmt::format("{} rows", operators_->rows()));
    if ((perfetto_ || vcd_) && empty) {
        if (end_ <= selection_.window().begin)
            report.messages.push_back(
                fmt::format("nothing is in the trace: its window begins at {} ps, and the run ended "
                            "at {} ps",
                            selection_.window().begin, end_));
        else if (selection_.filter())
            report.messages.push_back(fmt::format(
                "nothing is in the trace: what its filter '{}' finds did nothing in its window", *selection_.filter()));
        else
            report.messages.emplace_back("nothing is in the trace: no unit did anything in its window");
    }
    return report;
}

} // namespace gradus::observe
