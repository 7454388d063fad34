// SPDX-License-Identifier: Apache-2.0
#include "platform/validate/dram_streams.h"

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <vector>

#include "ip/memory/dram_controller_core.h"

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

} // namespace

bool is_dram_stream(const std::string& name) { return patterns.count(name) > 0; }

DramStreamResult play_dram_stream(const ip::DramParameters& parameters, const std::string& name) {
    ip::DramControllerCore controller(parameters);
    ip::Picoseconds now = 0;
    patterns.at(name)([&](std::uint64_t address, bool write) {
        const ip::DramControllerCore::Id id = controller.submit({now, address, request_bytes, write}, now);
        controller.settle_acceptance();
        now = std::max(now, *controller.acceptance(id));
        controller.forget(id);
        controller.take_released();
    });
    controller.finish();
    const ip::DramRowCounters rows = controller.rows();
    const std::uint64_t bursts = rows.hits + rows.misses + rows.conflicts;
    return {controller.last_data(), static_cast<double>(rows.hits) / static_cast<double>(bursts), bursts};
}

} // namespace gradus::validate
