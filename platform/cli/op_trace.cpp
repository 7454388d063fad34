// SPDX-License-Identifier: Apache-2.0
#include "platform/cli/op_trace.h"

#include <filesystem>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "platform/chip/memory_map.h"
#include "platform/chip/simulation.h"
#include "platform/cli/standard_output.h"
#include "platform/cost/model.h"
#include "platform/observe/traces.h"
#include "platform/process/pool.h"
#include "platform/validate/measure.h"

namespace gradus::cli {

namespace {

std::string path_of(const Values& values, const char* option, const char* extension) {
    const std::string& path = values[option].as<std::string>();
    if (std::filesystem::path(path).extension() != extension)
        throw UsageError(fmt::format("op: --{} is a file that ends in {}, not '{}'", option, extension, path));
    return path;
}

/// In a process that has not simulated anything.
observe::Traces::Report write_here(OpTraces& files, const observe::TimeWindow& window,
                                   const scenario::ChipParameters& chip, const schedule::OperatorRequest& request,
                                   scenario::DataPlane data, const std::string& firmware) {
    const schedule::Schedule schedule = schedule::build_operator(request, chip::dram_range(chip));
    const std::vector<observe::BlockPower> power = cost::power_of(chip, request.format);
    const std::vector<observe::UnitInfo> units = chip::units(chip);
    const observe::TraceSelection all(window, {}, units, observe::curve_names(power), schedule.ops);
    const auto file = [&](std::string_view name) {
        if (name == "trace.json") return std::move(*files.perfetto);
        return name == "trace.vcd" ? std::move(*files.vcd) : std::move(*files.save_file);
    };
    observe::Traces traces({files.perfetto.has_value(), files.vcd.has_value(), false}, all, file, units, schedule.ops,
                           power);
    validate::simulate_for_trace(chip, request, data, firmware, traces);
    return traces.finish();
}

} // namespace

std::optional<OpTraces> op_traces(const Values& values, std::size_t shapes) {
    for (const char* option : {"trace", "vcd"})
        if (values.count(option) && shapes > 1)
            throw UsageError(fmt::format("op: --{} is for one shape, and there are {}", option, shapes));
    if (!values.count("trace") && !values.count("vcd")) return std::nullopt;
    OpTraces traces;
    if (values.count("trace")) traces.perfetto.emplace(path_of(values, "trace", ".json"));
    if (values.count("vcd")) {
        const std::string path = path_of(values, "vcd", ".vcd");
        traces.vcd.emplace(path);
        traces.save_file.emplace(std::filesystem::path(path).replace_extension("gtkw").string());
    }
    return traces;
}

WrittenTraces OpTraces::write(const nlohmann::ordered_json& entry, const scenario::ChipParameters& chip,
                              const schedule::OperatorRequest& request, scenario::DataPlane data,
                              const std::string& firmware) {
    observe::TimeWindow window;
    window.begin = entry.at("begin_ps").get<ip::Picoseconds>();
    window.end = window.begin + entry.at("time_ps").get<ip::Picoseconds>();
    nlohmann::json report;
    try {
        report = nlohmann::json::parse(process::in_child([&] {
            const observe::Traces::Report written = write_here(*this, window, chip, request, data, firmware);
            return nlohmann::json{{"files", written.files}, {"errors", written.errors}, {"messages", written.messages}}
                .dump();
        }));
    } catch (const std::runtime_error& error) {
        throw validate::SimulationError(fmt::format("{}: {}", validate::shape_text(request), error.what()));
    }
    for (const std::string message : report.at("messages"))
        complain(message);
    WrittenTraces written{"\n", report.at("errors").get<std::vector<std::string>>()};
    for (const std::string file : report.at("files"))
        written.lines += fmt::format("trace  {}\n", file);
    return written;
}

} // namespace gradus::cli
