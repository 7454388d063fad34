// SPDX-License-Identifier: Apache-2.0
#include "platform/cli/op_trace.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "platform/chip/memory_map.h"
#include "platform/chip/simulation.h"
#include "platform/cost/model.h"
#include "platform/observe/traces.h"
#include "platform/process/pool.h"
#include "platform/validate/measure.h"

namespace gradus::cli {

namespace {

std::string trace_file(const Values& values, const char* option, const char* extension) {
    if (!values.count(option)) return {};
    const std::string& path = values[option].as<std::string>();
    if (std::filesystem::path(path).extension() != extension)
        throw UsageError(fmt::format("op: --{} is a file that ends in {}, not '{}'", option, extension, path));
    if (!std::ofstream(path))
        throw UsageError(fmt::format("op: cannot write the trace '{}': {}", path, std::strerror(errno)));
    return path;
}

/// In a process that has not simulated anything.
std::string write_here(const OpTraceFiles& files, const observe::TimeWindow& window,
                       const scenario::ChipParameters& chip, const schedule::OperatorRequest& request,
                       scenario::DataPlane data, const std::string& firmware) {
    const schedule::Schedule schedule = schedule::build_operator(request, chip::dram_range(chip));
    const std::vector<observe::BlockPower> power = cost::power_of(chip, request.format);
    const std::vector<observe::UnitInfo> units = chip::units(chip);
    const observe::TraceSelection all(window, {}, units, observe::curve_names(power), schedule.ops);
    const auto path = [&](std::string_view name) {
        if (name == "trace.json") return files.perfetto;
        if (name == "trace.vcd") return files.vcd;
        return std::filesystem::path(files.vcd).replace_extension("gtkw").string();
    };
    observe::Traces traces({!files.perfetto.empty(), !files.vcd.empty(), false}, all, path, units, schedule.ops, power);
    validate::simulate_for_trace(chip, request, data, firmware, traces);
    const observe::Traces::Report report = traces.finish();
    for (const std::string& message : report.messages)
        fmt::print(stderr, "gradus: {}\n", message);
    std::string lines = "\n";
    for (const std::string& file : report.files)
        lines += fmt::format("trace  {}\n", file);
    return lines;
}

} // namespace

OpTraceFiles op_trace_files(const Values& values, std::size_t shapes) {
    for (const char* option : {"trace", "vcd"})
        if (values.count(option) && shapes > 1)
            throw UsageError(fmt::format("op: --{} is for one shape, and there are {}", option, shapes));
    return {trace_file(values, "trace", ".json"), trace_file(values, "vcd", ".vcd")};
}

std::string write_op_traces(const OpTraceFiles& files, const nlohmann::ordered_json& entry,
                            const scenario::ChipParameters& chip, const schedule::OperatorRequest& request,
                            scenario::DataPlane data, const std::string& firmware) {
    observe::TimeWindow window;
    window.begin = entry.at("begin_ps").get<ip::Picoseconds>();
    window.end = window.begin + entry.at("time_ps").get<ip::Picoseconds>();
    try {
        return process::in_child([&] { return write_here(files, window, chip, request, data, firmware); });
    } catch (const std::runtime_error& error) {
        throw validate::SimulationError(fmt::format("{}: {}", validate::shape_text(request), error.what()));
    }
}

} // namespace gradus::cli
