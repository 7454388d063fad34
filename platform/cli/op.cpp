// SPDX-License-Identifier: Apache-2.0
// gradus op: how long one operator takes on a chip, what bounds it, and what energy it takes.
#include <algorithm>
#include <fstream>
#include <optional>

#include <boost/program_options/value_semantic.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "platform/cli/installation.h"
#include "platform/cli/op_trace.h"
#include "platform/cli/options.h"
#include "platform/cli/standard_output.h"
#include "platform/report/human.h"
#include "platform/report/json_text.h"
#include "platform/scenario/clocks.h"
#include "platform/scenario/load.h"
#include "platform/scenario/nearest.h"
#include "platform/validate/measure.h"

namespace gradus::cli {

namespace {

using Json = nlohmann::ordered_json;
using report::left;
using report::right;

constexpr double full_share = 0.70; // of a lower bound, from which on it is what bounds the operator

Options op_options() {
    namespace po = boost::program_options;
    Options options;
    options.add_options()("chip", po::value<std::string>()->value_name("FILE"), "the chip: a file of scenarios/chips")(
        "shape", po::value<std::vector<std::string>>()->composing()->value_name("MxNxK"),
        "dimensions of the operator; can be repeated")("list", po::value<std::string>()->value_name("FILE"),
                                                       "a file with a shape on each line; # begins a comment")(
        "format", po::value<std::string>()->default_value("fp32")->value_name("fp32|bf16"),
        "of the operands")("set", po::value<std::vector<std::string>>()->composing()->value_name("KEY=VALUE"),
                           "change a key of the chip, such as chip.engine.matrix.rows=8; can be repeated")(
        "data", po::value<std::string>()->default_value("none")->value_name("full|none"),
        "compute numbers, or time alone; the same cycles either way")(
        "firmware", po::value<std::string>()->value_name("FILE.elf"), "use this instead of the training firmware")(
        "trace", po::value<std::string>()->value_name("FILE.json"),
        "write what every unit does for the operator, for ui.perfetto.dev; of one shape")(
        "vcd", po::value<std::string>()->value_name("FILE.vcd"),
        "write it as signals, and FILE.gtkw, for GTKWave; of one shape")("json", "print the results as JSON");
    return options;
}

std::string operator_list() {
    std::string text;
    for (const schedule::OperatorShape& each : schedule::operator_shapes())
        text += fmt::format("  {:<10} {:<6}  {}\n", each.name, each.shape, each.help);
    return text;
}

const schedule::OperatorShape& chosen_operator(const Values& values) {
    if (!values.count("operand")) throw UsageError("op: which operator? One of\n" + operator_list());
    const std::string& name = values["operand"].as<std::string>();
    if (const schedule::OperatorShape* found = schedule::find_operator(name)) return *found;
    std::vector<std::string_view> names;
    for (const schedule::OperatorShape& each : schedule::operator_shapes())
        names.push_back(each.name);
    throw UsageError(fmt::format("op: unknown operator '{}'; nearest: '{}'. There are\n{}", name,
                                 scenario::nearest(name, names), operator_list()));
}

std::vector<std::uint32_t> dims_of(const std::string& text, const schedule::OperatorShape& wanted) {
    if (auto dims = schedule::parse_shape(text)) return *std::move(dims);
    throw UsageError(fmt::format("op: '{}' is no shape; {} takes {}, such as {}", report::plain(text, 60), wanted.name,
                                 wanted.shape, wanted.shape.size() > 3 ? "1024x768x768" : "1024x768"));
}

/// The lines of a file, without comments and blanks.
std::vector<std::string> shapes_in(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw UsageError(fmt::format("op: cannot read '{}'", path));
    std::vector<std::string> shapes;
    for (std::string line; std::getline(file, line);) {
        line.erase(std::min(line.find('#'), line.size()));
        line.erase(std::remove_if(line.begin(), line.end(), [](char c) { return c == ' ' || c == '\t' || c == '\r'; }),
                   line.end());
        if (!line.empty()) shapes.push_back(line);
    }
    return shapes;
}

std::vector<schedule::OperatorRequest> requests(const Values& values, const schedule::OperatorShape& op) {
    std::vector<std::string> shapes;
    if (values.count("shape")) shapes = values["shape"].as<std::vector<std::string>>();
    if (values.count("list"))
        for (std::string& shape : shapes_in(values["list"].as<std::string>()))
            shapes.push_back(std::move(shape));
    if (shapes.empty()) throw UsageError(fmt::format("op: which shape? --shape {} or --list FILE", op.shape));
    const std::string& format = values["format"].as<std::string>();
    if (format != "fp32" && format != "bf16")
        throw UsageError(fmt::format("op: --format is fp32 or bf16, not '{}'", report::plain(format, 60)));
    std::vector<schedule::OperatorRequest> requests;
    for (const std::string& shape : shapes)
        requests.push_back(
            {op.kind, dims_of(shape, op), format == "bf16" ? scenario::Format::bf16 : scenario::Format::fp32});
    return requests;
}

std::string bound_text(const Json& entry) {
    if (const double share = entry.value("of_tightest_bound", 0.0); share >= full_share)
        return fmt::format("{}, {} of it", entry["tightest_bound"].get<std::string>(), report::human_percent(share));
    std::vector<std::pair<double, std::string>> path;
    for (const auto& [unit, time] : entry["critical_path_ps"].items())
        path.emplace_back(-time.get<double>() / entry["time_ps"].get<double>(), unit);
    std::sort(path.begin(), path.end());
    std::string text = "latency:";
    for (std::size_t i = 0; i < std::min<std::size_t>(path.size(), 3); ++i)
        text += fmt::format("{} {} {}", i ? "," : "", path[i].second, report::human_percent(-path[i].first));
    return text;
}

void print_table(const schedule::OperatorShape& op, const scenario::ChipParameters& chip, const std::string& format,
                 const Json& results) {
    print("{} in {} on {}: {}x{} array, {} lanes, {:.6g} MHz\n\n", op.name, format, chip.name, chip.matrix.rows,
          chip.matrix.cols, chip.vector.lanes, scenario::chip_clock(chip).hertz() / 1e6);
    std::size_t width = 5;
    for (const Json& entry : results)
        width = std::max(width, entry["shape"].get<std::string>().size());
    print("{}{}{}{}{}{}{}  bound\n", left("shape", width), right("cycles", 13), right("time", 11), right("MACs", 10),
          right("of peak", 9), right("DRAM", 11), right("DRAM rate", 13));
    for (const Json& entry : results) {
        const double bytes = entry["dram_bytes_read"].get<double>() + entry["dram_bytes_written"].get<double>();
        print("{}{:>13}{}{}{}{}{}  {}\n", left(entry["shape"].get<std::string>(), width),
              fmt::format("{:.10g}", entry["cycles"].get<double>()), right(report::human_time(entry["time_ps"]), 11),
              right(report::human_count(entry["macs"]), 10), right(report::human_percent(entry["utilisation"]), 9),
              right(report::human_bytes(bytes), 11), right(report::human_rate(entry["dram_bytes_per_second"], "B"), 13),
              bound_text(entry));
    }
}

/// The blocks that take most of it, largest first.
std::string largest_blocks(const Json& energy) {
    std::vector<std::pair<double, std::string>> blocks;
    for (const Json& block : energy["blocks"])
        blocks.emplace_back(-block["total_j"].get<double>(), block["name"]);
    std::sort(blocks.begin(), blocks.end());
    std::string text;
    for (std::size_t i = 0; i < 2; ++i)
        text += fmt::format("{}{} {}", i ? ", " : "", blocks[i].second,
                            report::human_percent(-blocks[i].first / energy["total_j"].get<double>()));
    return text;
}

void print_energy(const Json& results) {
    const bool products = results[0]["energy"].contains("pj_per_mac");
    const char* const each = products ? "pj_per_mac" : "pj_per_element";
    std::size_t width = 5;
    for (const Json& entry : results)
        width = std::max(width, entry["shape"].get<std::string>().size());
    print("\n{}{}{}{}{}{}  most of it\n", left("shape", width), right("energy", 13), right("from", 11), right("to", 11),
          right(products ? "pJ/MAC" : "pJ/element", 13), right("power", 11) + (products ? right("TOPS/W", 11) : ""));
    for (const Json& entry : results) {
        const Json& energy = entry["energy"];
        print("{}{}{}{}{}{}{}  {}\n", left(entry["shape"].get<std::string>(), width),
              right(report::human_energy(energy["total_j"]), 13), right(report::human_energy(energy["low_j"]), 11),
              right(report::human_energy(energy["high_j"]), 11),
              right(fmt::format("{:.4g}", energy[each].get<double>()), 13),
              right(report::human_power(energy["average_w"]), 11),
              products ? right(fmt::format("{:.3g}", energy["tops_per_watt"].get<double>()), 11) : "",
              largest_blocks(energy));
    }
}

int op(const std::vector<std::string>& arguments) {
    const auto values = parse(op_command, op_options(), arguments);
    if (!values) {
        print("\nOperators:\n{}", operator_list());
        return exit_ok;
    }
    const schedule::OperatorShape& op = chosen_operator(*values);
    if (!values->count("chip")) throw UsageError("op: which chip? --chip FILE, such as scenarios/chips/train.toml");
    const scenario::ChipParameters chip = scenario::load_chip((*values)["chip"].as<std::string>(), overrides(*values));
    const std::string& data = (*values)["data"].as<std::string>();
    if (data != "full" && data != "none")
        throw UsageError(fmt::format("op: --data is full or none, not '{}'", report::plain(data, 60)));
    const std::string firmware = values->count("firmware") ? (*values)["firmware"].as<std::string>() : own_firmware();
    const bool json = values->count("json") > 0;

    const std::vector<schedule::OperatorRequest> shapes = requests(*values, op);
    std::optional<OpTraces> traces = op_traces(*values, shapes.size());
    const scenario::DataPlane data_plane = data == "full" ? scenario::DataPlane::full : scenario::DataPlane::none;
    Json results = Json::array();
    for (const schedule::OperatorRequest& request : shapes)
        results.push_back(validate::measure(chip, request, data_plane, firmware));
    WrittenTraces written;
    if (traces) written = traces->write(results.back(), chip, shapes.back(), data_plane, firmware);
    const std::string& format = (*values)["format"].as<std::string>();
    if (!json) {
        print_table(op, chip, format, results);
        print_energy(results);
        put(written.lines);
    } else {
        Json document;
        document["schema"] = "gradus.op/1";
        document["op"] = op.name;
        document["format"] = format;
        const ip::Clock clock = scenario::chip_clock(chip);
        document["chip"] = {{"name", chip.name},
                            {"clock_hz", clock.hertz()},
                            {"clock_period_ps", clock.period},
                            {"macs_per_cycle", std::uint64_t{chip.matrix.rows} * chip.matrix.cols}};
        document["results"] = std::move(results);
        put(report::json_text(document));
    }
    for (const std::string& error : written.errors)
        complain(error);
    return written.errors.empty() ? exit_ok : exit_failed;
}

} // namespace

const Command op_command{"op", "OPERATOR",
                         "Time one operator on a chip: cycles, utilisation, traffic, what bounds it; energy.", op};

} // namespace gradus::cli
