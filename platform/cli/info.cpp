// SPDX-License-Identifier: Apache-2.0
// gradus info: every key of a scenario, as a table or as the reference in doc/scenarios.md; or what a chip amounts to.
#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>

#include <boost/program_options/value_semantic.hpp>
#include <fmt/format.h>

#include "platform/cli/options.h"
#include "platform/cli/standard_output.h"
#include "platform/cost/clock_limits.h"
#include "platform/cost/energy.h"
#include "platform/report/human.h"
#include "platform/report/layout.h"
#include "platform/scenario/clocks.h"
#include "platform/scenario/load.h"
#include "platform/scenario/nearest.h"
#include "platform/scenario/read_file.h"
#include "platform/scenario/schema.h"

namespace gradus::cli {

namespace {

constexpr std::size_t column_count = 6;
using Row = std::array<std::string, column_count>;

Row row(const scenario::Parameter& parameter) {
    std::string initial = scenario::to_string(parameter.default_value());
    if (initial.empty()) initial = "\"\"";
    return {std::string(parameter.key),
            std::string(to_string(parameter.type())),
            parameter.unit.empty() ? "-" : std::string(parameter.unit),
            initial,
            parameter.range(),
            std::string(parameter.help)};
}

const Row heading{"key", "type", "unit", "default", "range", "help"};

void print_table(const std::vector<Row>& rows) {
    std::vector<report::Table::Column> columns;
    for (const std::string& title : heading)
        columns.push_back({title, report::Table::Align::left});
    columns.back().align = report::Table::Align::prose;
    const report::Terminal terminal = report::terminal(stdout);
    const std::size_t width = terminal.read_by_programs ? std::numeric_limits<std::size_t>::max() / 2 : terminal.width;
    constexpr std::size_t default_column = 3;
    constexpr std::size_t roomy = 160; // on less, one long default would take a line of its own for every key
    report::Table table(std::move(columns));
    for (Row each : rows) {
        if (width < roomy) each[default_column] = report::plain(each[default_column], 14);
        table.row({each.begin(), each.end()});
    }
    put(table.text(width));
}

void print_markdown(const std::vector<Row>& rows) {
    std::string section;
    for (const Row& each : rows) {
        const std::string& key = each[0];
        const std::string here = key.substr(0, key.rfind('.'));
        if (here != section) {
            put(fmt::format("{}### `[{}]`\n\n| {} |\n|{}\n", section.empty() ? "" : "\n", here,
                            fmt::join(heading, " | "), "---|---|---|---|---|---|"));
            section = here;
        }
        print("| `{}` | {} | {} | `{}` | {} | {} |\n", key, each[1], each[2], each[3], each[4], each[5]);
    }
}

int print_keys(const std::string& prefix, bool markdown) {
    std::vector<Row> rows;
    for (const scenario::Parameter& parameter : scenario::schema())
        if (parameter.key.substr(0, prefix.size()) == prefix) rows.push_back(row(parameter));
    if (rows.empty()) {
        std::vector<std::string_view> names = scenario::sections();
        for (const std::string_view key : scenario::keys())
            names.push_back(key);
        throw UsageError(fmt::format("info: no key begins with '{}'; nearest: '{}'", scenario::shown(prefix),
                                     scenario::nearest(prefix, names)));
    }
    markdown ? print_markdown(rows) : print_table(rows);
    return exit_ok;
}

/// What a port narrower than an engine needs leaves of its rate; empty for one that is wide enough.
std::string narrow_port(const ip::MatrixParameters& matrix) {
    const auto share = [&](ip::Bytes element) {
        const double needed = static_cast<double>(ip::operands_a_cycle(matrix)) * static_cast<double>(element);
        return report::human_percent(std::min(1.0, static_cast<double>(ip::port_bytes(matrix)) / needed));
    };
    if (ip::port_bytes(matrix) >= ip::needed_port_bytes(matrix)) return {};
    return fmt::format("; its port of {} bytes a cycle leaves {} of that in fp32, {} in bf16", ip::port_bytes(matrix),
                       share(sizeof(float)), share(2));
}

std::string narrow_port(const ip::VectorParameters& vector) {
    if (ip::port_bytes(vector) >= ip::needed_port_bytes(vector)) return {};
    const double needed = vector.lanes * 2.0 * sizeof(float);
    return fmt::format("; its port of {} bytes a cycle leaves {} of that to sums of two operands",
                       ip::port_bytes(vector),
                       report::human_percent(static_cast<double>(ip::port_bytes(vector)) / needed));
}

/// How fast its blocks may be, and what that takes.
std::string clock_text(const scenario::ChipParameters& chip) {
    const cost::ChipClocks clocks = cost::clocks_of(chip);
    const auto tightest =
        std::max_element(clocks.blocks.begin(), clocks.blocks.end(),
                         [](const auto& a, const auto& b) { return a.mhz * b.highest_mhz < b.mhz * a.highest_mhz; });
    std::string text = fmt::format(
        "  clock limits   {} comes first: {:.4g} of {:.4g} MHz at {:.3g} V, of {:.4g} at {:.3g} V, within a factor of "
        "{:.2g}; the chip needs {:.3g} V\n",
        tightest->name, tightest->mhz, tightest->nominal_mhz, chip.technology.voltage.nominal, tightest->highest_mhz,
        chip.technology.voltage.highest, clocks.uncertainty, clocks.volts);
    if (const auto warning = cost::clock_warning(chip)) text += fmt::format("  warning        {}\n", *warning);
    return text;
}

/// What it costs before it does anything. An array is built for one format.
std::string cost_text(const scenario::ChipParameters& chip) {
    const auto blocks = cost::blocks_of(chip, scenario::Format::bf16);
    double at_rest = 0;
    for (const cost::Block& block : blocks)
        at_rest += block.static_watts;
    std::string text = fmt::format("  at rest        {}, {} of it the DRAM's\n", report::human_power(at_rest),
                                   report::human_power(blocks.back().static_watts));
    if (chip.technology.fpga.enabled) return text;
    const cost::AreaReport area = cost::area_of(blocks);
    return text +
           fmt::format("  area           {:.4g} mm² ({:.3g} to {:.3g}) with an array for bf16, {:.4g} mm² for fp32; "
                       "at {:.4g} nm\n",
                       area.square_millimetres, area.range.low, area.range.high,
                       cost::area_of(cost::blocks_of(chip, scenario::Format::fp32)).square_millimetres,
                       chip.technology.node_nm);
}

int describe_chip(const scenario::ChipParameters& chip) {
    using report::human_capacity;
    using report::human_rate;
    const double hertz = scenario::engine_clock(chip).hertz();
    const double macs = static_cast<double>(chip.matrix.rows) * chip.matrix.cols * hertz;
    const double dram = ip::peak_bandwidth(chip.dram);
    const double scratchpad = static_cast<double>(chip.scratchpad.banks * chip.scratchpad.bank_bytes) * hertz;
    const auto fabric = [&](ip::Bytes own) {
        return static_cast<double>(scenario::port_bytes(chip, own)) * scenario::fabric_clock(chip).hertz();
    };
    const double reachable = std::min(dram, fabric(chip.fabric_ports.dram));

    std::string text = fmt::format("{} at {:.6g} MHz, a cycle of {} ps\n", chip.name,
                                   scenario::chip_clock(chip).hertz() / 1e6, scenario::chip_clock(chip).period);
    text += fmt::format("  matrix unit    {} x {}: {}{}\n", chip.matrix.rows, chip.matrix.cols, human_rate(macs, "MAC"),
                        narrow_port(chip.matrix));
    text += fmt::format("  vector unit    {} lanes: {}{}\n", chip.vector.lanes,
                        human_rate(chip.vector.lanes * hertz, "elements"), narrow_port(chip.vector));
    text += fmt::format("  scratchpad     {} in {} banks: {}\n", human_capacity(chip.scratchpad.bytes),
                        chip.scratchpad.banks, human_rate(scratchpad, "B"));
    text += fmt::format("  DRAM           {} of {} in {} channels of {} banks: {}\n", human_capacity(chip.dram.bytes),
                        chip.dram_name, chip.dram.channels, chip.dram.organisation.banks_per_channel(),
                        human_rate(dram, "B"));
    text += fmt::format("  data fabric    {} to the DRAM, {} to the scratchpad\n",
                        human_rate(fabric(chip.fabric_ports.dram), "B"),
                        human_rate(fabric(chip.fabric_ports.scratchpad), "B"));
    text += fmt::format("  DMA            {} channels, {} x {} in flight each\n", chip.dma.channels,
                        chip.dma.outstanding, human_capacity(chip.dma.burst_bytes));
    text += fmt::format("  hart's SRAM    {}\n", human_capacity(chip.sram.bytes));
    text += fmt::format(
        "  balance        {:.1f} MACs for each byte from DRAM keep the array busy; fewer leave it waiting\n",
        macs / reachable);
    text += clock_text(chip) + cost_text(chip);
    put(report::fitted(text, report::terminal(stdout).width));
    return exit_ok;
}

int info(const std::vector<std::string>& arguments) {
    namespace po = boost::program_options;
    Options options;
    options.add_options()("chip", po::value<std::string>()->value_name("FILE"),
                          "describe the chip of this file instead")(
        "set", po::value<std::vector<std::string>>()->composing()->value_name("KEY=VALUE"),
        "change a key of that chip")("markdown", "the table as the reference of doc/scenarios.md");
    const auto values = parse(info_command, options, arguments);
    if (!values) return exit_ok;
    if (values->count("chip"))
        return describe_chip(scenario::load_chip((*values)["chip"].as<std::string>(), overrides(*values)));
    if (values->count("set")) throw UsageError("info: --set goes with --chip");
    return print_keys(values->count("operand") ? (*values)["operand"].as<std::string>() : "",
                      values->count("markdown"));
}

} // namespace

const Command info_command{"info", "[KEY]",
                           "Print every key of a scenario (those that begin with KEY), or describe a chip.", info};

} // namespace gradus::cli
