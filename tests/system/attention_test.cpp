// SPDX-License-Identifier: Apache-2.0
// What attention in one operator computes and moves through DRAM, as the chip counts it, and that it is what the plain
// form computes.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

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

struct Work {
    std::uint64_t dram_bytes = 0; ///< both ways
    std::uint64_t macs = 0;
};

/// What a step's operators of that kind do. A window of 0 is none.
Work work_of(const std::string& attention, unsigned context, const std::string& kind, unsigned window = 0) {
    const TemporaryFolder folder;
    const ProgramRun run = run_program({"run",     "scenarios/runs/edge.toml",
                                        "--quiet", "--operators",
                                        "--trace", "off",
                                        "--data",  "none",
                                        "--steps", "1",
                                        "--out",   folder.path("out"),
                                        "--set",   "model.attention=" + attention,
                                        "--set",   "model.context=" + std::to_string(context),
                                        "--set",   "model.window=" + std::to_string(window),
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
    Work work;
    while (std::getline(lines, line)) {
        std::map<std::string, std::string> row;
        const std::vector<std::string> cells = cells_of(line);
        for (std::size_t i = 0; i < cells.size(); ++i)
            row[names.at(i)] = cells[i];
        if (row.at("kind") != kind) continue;
        work.dram_bytes += std::stoull(row.at("dram_read_bytes")) + std::stoull(row.at("dram_written_bytes"));
        work.macs += std::stoull(row.at("macs"));
    }
    return work;
}

TEST(FusedAttention, MovesBytesByTheLengthOfASequenceNotByItsSquare) {
    for (const char* kind : {"attention", "attention_backward"}) {
        SCOPED_TRACE(kind);
        const Work shorter = work_of("fused", 128, kind), longer = work_of("fused", 512, kind);
        ASSERT_GT(shorter.dram_bytes, 0u);
        EXPECT_LT(longer.dram_bytes, 5 * shorter.dram_bytes) << "four times as long";
    }
    EXPECT_GT(work_of("plain", 512, "softmax").dram_bytes, 8 * work_of("fused", 512, "attention").dram_bytes);
}

TEST(FusedAttention, DoesWorkByTheLengthOfASequenceWithinAWindow) {
    for (const char* kind : {"attention", "attention_backward"}) {
        SCOPED_TRACE(kind);
        const Work shorter = work_of("fused", 256, kind, 64), longer = work_of("fused", 1024, kind, 64);
        ASSERT_GT(shorter.macs, 0u);
        EXPECT_LT(longer.macs, 5 * shorter.macs) << "four times as long";
        EXPECT_LT(longer.dram_bytes, 5 * shorter.dram_bytes);
        EXPECT_LT(4 * longer.macs, work_of("fused", 1024, kind).macs) << "keys that nobody sees are left out";
    }
}

/// The numbers of a .npy file of fp32.
std::vector<float> numbers_of(const std::string& path) {
    const std::string content = file_content(path);
    if (content.size() < 10) {
        ADD_FAILURE() << path << " has no header";
        return {};
    }
    const std::size_t header =
        10u + static_cast<unsigned char>(content[8]) + 256u * static_cast<unsigned char>(content[9]);
    std::vector<float> numbers((content.size() - header) / sizeof(float));
    std::memcpy(numbers.data(), content.data() + header, numbers.size() * sizeof(float));
    return numbers;
}

struct Case {
    const char* chip;
    unsigned context, window;
    const char* cap;
};

/// Of a layer's parameters after a step, of two layers. The other one sees beyond the window.
std::map<std::string, std::vector<float>> gradients(const std::string& attention, const Case& of) {
    const TemporaryFolder folder;
    std::vector<std::string> arguments{
        "run",   "scenarios/runs/edge.toml", "--quiet", "--trace",      "off", "--steps", "1", "--data", "full",
        "--out", folder.path("out"),         "--dump",  "grad.layer0.*"};
    const std::vector<std::string> settings{"model.attention=" + attention,
                                            "chip.base=scenarios/chips/" + std::string(of.chip) + ".toml",
                                            "model.context=" + std::to_string(of.context),
                                            "model.window=" + std::to_string(of.window),
                                            "model.score_cap=" + std::string(of.cap),
                                            "model.global_every=" + std::string(of.window != 0 ? "2" : "0"),
                                            "model.layers=2",
                                            "model.width=24",
                                            "model.heads=4",
                                            "model.kv_heads=2",
                                            "model.mlp_width=16",
                                            "model.format=fp32",
                                            "model.precision=fp32",
                                            "model.init_std=0.4",
                                            "run.batch=2",
                                            "run.text=synthetic",
                                            "model.vocabulary=8"};
    for (const std::string& setting : settings)
        arguments.insert(arguments.end(), {"--set", setting});
    const ProgramRun run = run_program(arguments);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    std::map<std::string, std::vector<float>> result;
    for (const char* name : {"query", "key", "value", "output"})
        result[name] = numbers_of(folder.path("out/dump/grad.layer0.attention." + std::string(name) + ".npy"));
    return result;
}

void expect_equal_forms(const Case& of) {
    SCOPED_TRACE(testing::Message() << of.chip << ", context " << of.context << ", window " << of.window << ", cap "
                                    << of.cap);
    const auto plain = gradients("plain", of), fused = gradients("fused", of);
    for (const auto& [name, expected] : plain) {
        const std::vector<float>& computed = fused.at(name);
        ASSERT_EQ(computed.size(), expected.size());
        float largest = 0, error = 0;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            largest = std::max(largest, std::abs(expected[i]));
            error = std::max(error, std::abs(expected[i] - computed[i]));
        }
        // With a single key in the window there is nothing for queries and keys to learn but rounding.
        if (of.window > 1) {
            EXPECT_GT(largest, 0.0F) << name;
        }
        EXPECT_LE(error, 1e-5F * largest + 2e-7F) << name;
    }
}

TEST(FusedAttention, HasTheGradientsOfThePlainFormWithAnyWindow) {
    for (const unsigned window : {1u, 5u, 17u, 33u, 100u})
        for (const Case& of : {Case{"tiny", 37, window, "0"}, Case{"edge", 67, window, "0"}})
            expect_equal_forms(of);
}

TEST(FusedAttention, HasTheGradientsOfThePlainFormWithCappedScores) {
    for (const unsigned window : {0u, 1u, 5u, 17u, 100u})
        for (const Case& of : {Case{"tiny", 37, window, "1.5"}, Case{"edge", 67, window, "1.5"}})
            expect_equal_forms(of);
}

} // namespace
} // namespace gradus::test::attention_test
