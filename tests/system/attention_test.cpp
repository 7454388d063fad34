// SPDX-License-Identifier: Apache-2.0
// What attention in one operator moves through DRAM, as the chip counts it.
#include <cstdint>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/support/program.h"

namespace gradus::test::attention_test {
namespace {

std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    std::istringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');)
        cells.push_back(cell);
    return cells;
}

/// Bytes that a step's operators of that kind move, both ways.
std::uint64_t dram_bytes(const std::string& attention, unsigned context, const std::string& kind) {
    const TemporaryFolder folder;
    const ProgramRun run = run_program({"run",     "scenarios/runs/edge.toml",
                                        "--quiet", "--operators",
                                        "--trace", "off",
                                        "--data",  "none",
                                        "--steps", "1",
                                        "--out",   folder.path("out"),
                                        "--set",   "model.attention=" + attention,
                                        "--set",   "model.context=" + std::to_string(context),
                                        "--set",   "model.layers=1",
                                        "--set",   "model.width=64",
                                        "--set",   "model.heads=4",
                                        "--set",   "model.kv_heads=2",
                                        "--set",   "model.mlp_width=16",
                                        "--set",   "run.batch=1",
                                        "--set",   "run.text=synthetic",
                                        "--set",   "model.vocabulary=8"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    std::istringstream lines(file_content(folder.path("out/operators.csv")));
    std::string line;
    std::getline(lines, line);
    const std::vector<std::string> names = cells_of(line);
    std::uint64_t bytes = 0;
    while (std::getline(lines, line)) {
        std::map<std::string, std::string> row;
        const std::vector<std::string> cells = cells_of(line);
        for (std::size_t i = 0; i < cells.size(); ++i)
            row[names.at(i)] = cells[i];
        if (row.at("kind") == kind)
            bytes += std::stoull(row.at("dram_read_bytes")) + std::stoull(row.at("dram_written_bytes"));
    }
    return bytes;
}

TEST(FusedAttention, MovesBytesByTheLengthOfASequenceNotByItsSquare) {
    for (const char* kind : {"attention", "attention_backward"}) {
        SCOPED_TRACE(kind);
        const std::uint64_t shorter = dram_bytes("fused", 128, kind), longer = dram_bytes("fused", 512, kind);
        ASSERT_GT(shorter, 0u);
        EXPECT_LT(longer, 5 * shorter) << "four times as long";
    }
    EXPECT_GT(dram_bytes("plain", 512, "softmax"), 8 * dram_bytes("fused", 512, "attention"));
}

} // namespace
} // namespace gradus::test::attention_test
