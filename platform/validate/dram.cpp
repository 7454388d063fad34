// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <sstream>
#include <vector>

#include <fmt/format.h>

#include "ip/memory/dram_controller_core.h"
#include "platform/scenario/load.h"
#include "platform/validate/check.h"

namespace gradus::validate {

namespace {

constexpr ip::Bytes request_bytes = 64;
constexpr ip::Bytes kib = 1024;
constexpr ip::Bytes mib = kib * kib;

/// Requests of 64 bytes, one after the other.
using Issue = std::function<void(std::uint64_t address, bool write)>;
using Pattern = void (*)(const Issue& issue);

void in_order(const Issue& issue, std::uint64_t begin, ip::Bytes bytes, bool write) {
    for (std::uint64_t address = begin; address < begin + bytes; address += request_bytes)
        issue(address, write);
}

void copy(const Issue& issue, ip::Bytes piece) {
    for (std::uint64_t at = 0; at < 8 * mib; at += piece) {
        in_order(issue, at, piece, false);
        in_order(issue, 64 * mib + at, piece, true);
    }
}

void random_reads(const Issue& issue) {
    constexpr std::size_t count = 65536, lines = 256 * mib / request_bytes;
    std::mt19937_64 random(1);
    std::vector<bool> taken(lines);
    for (std::size_t i = 0; i < count; ++i) {
        std::size_t line = random() % lines;
        while (taken[line])
            line = random() % lines;
        taken[line] = true;
        issue(line * request_bytes, false);
    }
}

void tiles(const Issue& issue) {
    constexpr ip::Bytes matrix_row = 8 * kib, tile_row = 256;
    for (unsigned down = 0; down < 8; ++down)
        for (unsigned across = 0; across < 32; ++across)
            for (unsigned row = 0; row < 128; ++row)
                in_order(issue, (down * 128 + row) * matrix_row + across * tile_row, tile_row, false);
}

void four_streams(const Issue& issue) {
    for (std::uint64_t at = 0; at < 4 * mib; at += kib)
        for (std::uint64_t stream = 0; stream < 4; ++stream)
            in_order(issue, stream * 64 * mib + at, kib, false);
}

const std::map<std::string, Pattern> patterns = {
    {"seq_rd", [](const Issue& issue) { in_order(issue, 0, 16 * mib, false); }},
    {"seq_wr", [](const Issue& issue) { in_order(issue, 0, 16 * mib, true); }},
    {"copy64", [](const Issue& issue) { copy(issue, 64); }},
    {"copy4k", [](const Issue& issue) { copy(issue, 4 * kib); }},
    {"rand_rd", random_reads},
    {"tile2d", tiles},
    {"stream4", four_streams},
};

/// Each request is handed over when the one before has been accepted. The time of the last data.
ip::Picoseconds replay(const ip::DramParameters& parameters, Pattern pattern) {
    ip::DramControllerCore controller(parameters);
    ip::Picoseconds now = 0, end = 0;
    const auto collect = [&] {
        for (const ip::DramControllerCore::Id id : controller.take_released()) {
            end = std::max(end, *controller.release(id));
            controller.forget(id);
        }
    };
    pattern([&](std::uint64_t address, bool write) {
        const ip::DramControllerCore::Id id = controller.submit({now, address, request_bytes, write}, now);
        controller.settle_acceptance();
        now = std::max(now, *controller.acceptance(id));
        collect();
    });
    controller.finish();
    collect();
    return end;
}

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
        const auto pattern = patterns.find(table.text(row, "pattern"));
        if (pattern == patterns.end())
            throw TableError(fmt::format("dram.csv: there is no stream '{}'", table.text(row, "pattern")));
        const ip::Picoseconds time = replay(parameters_of(table, row, places), pattern->second);
        reference.checks.push_back({fmt::format("{} {} {}, {}: us", table.text(row, "standard"), table.text(row, "map"),
                                                pattern->first, table.text(row, "simulator")),
                                    table.number(row, "time_ns") / 1000, static_cast<double>(time) * 1e-6,
                                    table.number(row, "tolerance")});
    }
    return reference;
}

} // namespace gradus::validate
