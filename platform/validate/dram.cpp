// SPDX-License-Identifier: Apache-2.0
#include <sstream>
#include <vector>

#include <fmt/format.h>

#include "platform/scenario/load.h"
#include "platform/validate/check.h"
#include "platform/validate/dram_streams.h"

namespace gradus::validate {

namespace {

ip::DramParameters parameters_of(const Table& table, std::size_t row, const Places& places) {
    std::vector<std::string> overrides = {
        fmt::format("chip.dram.base={}/dram/{}.toml", places.scenarios, table.text(row, "file")),
        "chip.dram.channels=1", "chip.dram.bytes=0x20000000", "chip.dram.front_end=0",
        "chip.dram.mapping=" + table.text(row, "mapping")};
    std::istringstream more(table.text(row, "overrides"));
    for (std::string each; more >> each;)
        overrides.push_back(each);
    return scenario::load_chip(places.scenarios + "/chips/tiny.toml", overrides).dram;
}

} // namespace

Reference check_dram(const Places& places) {
    const Table table(places.scenarios + "/validation/dram.csv");
    Reference reference = described_by(table);
    for (std::size_t row = 0; row < table.rows(); ++row) {
        const std::string& stream = table.text(row, "pattern");
        if (!is_dram_stream(stream)) throw TableError(fmt::format("dram.csv: there is no stream '{}'", stream));
        const ip::Picoseconds time = play_dram_stream(parameters_of(table, row, places), stream).time;
        reference.checks.push_back({fmt::format("{} {} {}, {}: us", table.text(row, "standard"), table.text(row, "map"),
                                                stream, table.text(row, "simulator")),
                                    table.number(row, "time_ns") / 1000, static_cast<double>(time) * 1e-6,
                                    table.number(row, "tolerance")});
    }
    return reference;
}

} // namespace gradus::validate
