// SPDX-License-Identifier: Apache-2.0
// gradus op: how long one operator takes on a chip, what bounds it, and what energy it takes.
#include <map>
#include <optional>

#include <boost/program_options/value_semantic.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "platform/cli/op_shapes.h"
#include "platform/cli/op_table.h"
#include "platform/cli/op_trace.h"
#include "platform/cli/simulations.h"
#include "platform/cli/standard_output.h"
#include "platform/report/human.h"
#include "platform/report/json_text.h"
#include "platform/report/layout.h"
#include "platform/scenario/clocks.h"
#include "platform/scenario/load.h"
#include "platform/scenario/nearest.h"
#include "platform/validate/measure.h"

namespace gradus::cli {

namespace {

using Json = nlohmann::ordered_json;
using report::Table;

Options op_options() {
    namespace po = boost::program_options;
    Options options;
    options.add_options()("chip", po::value<std::string>()->value_name("FILE"), "the chip: a file of scenarios/chips")(
        "shape", po::value<std::vector<std::string>>()->composing()->value_name("MxNxK"),
        "dimensions of the operator; can be repeated")(
        "list", po::value<std::string>()->value_name("FILE"),
        "a file with a shape on each line, # begins a comment; of gemm also a table of layers of SCALE-Sim")(
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

std::string operator_list(std::size_t width) {
    Table table({{"", Table::Align::left, 15}, {"", Table::Align::left, 6}, {"", Table::Align::prose}}, 2);
    for (const schedule::OperatorShape& each : schedule::operator_shapes())
        table.row({std::string(each.name), std::string(each.shape), std::string(each.help)});
    return table.text(width);
}

const schedule::OperatorShape& chosen_operator(const Values& values) {
    if (!values.count("operand"))
        throw UsageError("op: which operator? One of\n" + operator_list(report::terminal(stderr).width));
    const std::string& name = values["operand"].as<std::string>();
    if (const schedule::OperatorShape* found = schedule::find_operator(name)) return *found;
    std::vector<std::string_view> names;
    for (const schedule::OperatorShape& each : schedule::operator_shapes())
        names.push_back(each.name);
    throw UsageError(fmt::format("op: unknown operator '{}'; nearest: '{}'. There are\n{}", name,
                                 scenario::nearest(name, names), operator_list(report::terminal(stderr).width)));
}

/// What was measured of a shape, and what the list says of it.
Json entry_of(const schedule::ListedShape& listed, const Json& measured) {
    Json entry;
    if (!listed.name.empty()) entry["name"] = listed.name;
    entry.update(measured);
    if (listed.times != 1) entry["times"] = listed.times;
    return entry;
}

int op(const std::vector<std::string>& arguments) {
    const auto values = parse(op_command, op_options(), arguments);
    if (!values) {
        print("\nOperators:\n{}", operator_list(report::terminal(stdout).width));
        return exit_ok;
    }
    const schedule::OperatorShape& op = chosen_operator(*values);
    if (!values->count("chip")) throw UsageError("op: which chip? --chip FILE, such as scenarios/chips/train.toml");
    const scenario::ChipParameters chip = scenario::load_chip((*values)["chip"].as<std::string>(), overrides(*values));
    const std::string& data = (*values)["data"].as<std::string>();
    if (data != "full" && data != "none")
        throw UsageError(fmt::format("op: --data is full or none, not '{}'", report::plain(data, 60)));
    const std::string firmware = chosen_firmware(op_command, *values);
    const bool json = values->count("json") > 0;

    const std::vector<OpShape> shapes = op_shapes(*values, op, chip);
    std::optional<OpTraces> traces = op_traces(*values, shapes.size());
    const scenario::DataPlane data_plane = data == "full" ? scenario::DataPlane::full : scenario::DataPlane::none;
    Json results = Json::array();
    std::map<std::vector<std::uint32_t>, Json> measured; // networks repeat their layers
    for (const OpShape& shape : shapes) {
        auto found = measured.find(shape.request.dims);
        if (found == measured.end())
            found = measured.emplace(shape.request.dims, validate::measure(chip, shape.request, data_plane, firmware))
                        .first;
        results.push_back(entry_of(shape.listed, found->second));
    }
    WrittenTraces written;
    if (traces) written = traces->write(results.back(), chip, shapes.back().request, data_plane, firmware);
    const std::string& format = (*values)["format"].as<std::string>();
    if (!json) {
        const std::size_t width = report::terminal(stdout).width;
        put(report::fitted(fmt::format("{} in {} on {}: {}x{} array, {} lanes, {:.6g} MHz\n\n", op.name, format,
                                       chip.name, chip.matrix.rows, chip.matrix.cols, chip.vector.lanes,
                                       scenario::chip_clock(chip).hertz() / 1e6),
                           width));
        print("{}\n{}{}", op_time_table(results, width), op_energy_table(results, width), written.lines);
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
