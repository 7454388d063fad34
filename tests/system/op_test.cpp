// SPDX-License-Identifier: Apache-2.0
// gradus op from the outside.
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/program.h"
#include "tests/support/slice_check.h"
#include "tests/support/vcd_reader.h"

namespace gradus::test::op_test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

const char* const tiny = "scenarios/chips/tiny.toml";
const char* const edge = "scenarios/chips/edge.toml";

json measured(const std::vector<std::string>& arguments) {
    std::vector<std::string> all{"op"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.emplace_back("--json");
    const ProgramRun run = run_program(all);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return json::parse(run.out);
}

struct Operator {
    const char* name;
    const char* shape;
};

void PrintTo(const Operator& op, std::ostream* out) { *out << op.name; }

class Op : public ::testing::TestWithParam<Operator> {};

TEST_P(Op, TakesTheSameCyclesWithAndWithoutNumbersAndItsTimeAddsUp) {
    const auto& [name, shape] = GetParam();
    const json none = measured({name, "--chip", tiny, "--shape", shape}).at("results").at(0);
    const json full = measured({name, "--chip", tiny, "--shape", shape, "--data", "full"}).at("results").at(0);
    EXPECT_EQ(none.at("time_ps"), full.at("time_ps"));
    const std::int64_t time = none.at("time_ps");
    EXPECT_GT(time, 0);
    EXPECT_EQ(none.at("cycles"), static_cast<double>(time) / 10'000) << "of 100 MHz";
    for (const auto& [unit, usage] : none.at("units_ps").items()) {
        std::int64_t sum = 0;
        for (const json& part : usage)
            sum += part.get<std::int64_t>();
        EXPECT_EQ(sum, time) << unit;
    }
    std::int64_t path = 0;
    for (const json& part : none.at("critical_path_ps"))
        path += part.get<std::int64_t>();
    EXPECT_EQ(path, time);
    for (const json& bound : none.at("lower_bounds"))
        EXPECT_LE(bound.at("time_ps").get<std::int64_t>(), time) << bound;
    EXPECT_GT(none.at("dram_bytes_read"), 0);
    EXPECT_GT(none.at("dram_bytes_written"), 0);
}

INSTANTIATE_TEST_SUITE_P(Operators, Op,
                         ::testing::Values(Operator{"gemm", "24x40x56"}, Operator{"softmax", "20x30"},
                                           Operator{"layernorm", "20x30"}, Operator{"rmsnorm", "20x30"},
                                           Operator{"attention", "16x24x3"}, Operator{"add", "20x30"},
                                           Operator{"relu", "20x30"}, Operator{"copy", "20x30"}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(OpCli, CountsTheWorkOfTheSchedule) {
    const json gemm = measured({"gemm", "--chip", edge, "--shape", "48x80x32"}).at("results").at(0);
    EXPECT_EQ(gemm.at("macs"), 48 * 80 * 32);
    EXPECT_GE(gemm.at("dram_bytes_read"), 4 * (48 * 32 + 32 * 80));
    EXPECT_EQ(gemm.at("dram_bytes_written"), 4 * 48 * 80) << "every result is stored once";
    const json attention = measured({"attention", "--chip", edge, "--shape", "32x48x4"}).at("results").at(0);
    EXPECT_EQ(attention.at("macs"), 2 * 32 * 32 * 48);
}

/// Energy is the sum of its blocks and of its kinds, and average power times the time; all of the timed repetition.
void expect_energy_adds_up(const json& entry) {
    const json& energy = entry.at("energy");
    const double total = energy.at("total_j"), time = entry.at("time_ps").get<double>() * 1e-12;
    ASSERT_GT(total, 0);
    double of_blocks = 0, of_kinds = 0;
    for (const json& block : energy.at("blocks"))
        of_blocks += block.at("total_j").get<double>();
    for (const json& kind : energy.at("kinds"))
        of_kinds += kind.get<double>();
    EXPECT_NEAR(of_blocks / total, 1, 1e-9);
    EXPECT_NEAR(of_kinds / total, 1, 1e-9);
    EXPECT_NEAR(energy.at("average_w").get<double>() * time / total, 1, 1e-9);
    EXPECT_LT(energy.at("low_j"), total);
    EXPECT_GT(energy.at("high_j"), total);
}

TEST(OpCli, EnergyAddsUpAndIsOfTheWorkThatIsTimed) {
    const json gemm = measured({"gemm", "--chip", edge, "--shape", "48x80x32"}).at("results").at(0);
    expect_energy_adds_up(gemm);
    const double macs = 48.0 * 80 * 32, total = gemm.at("energy").at("total_j");
    EXPECT_NEAR(gemm.at("energy").at("pj_per_mac").get<double>() * macs * 1e-12 / total, 1, 1e-9);
    EXPECT_NEAR(gemm.at("energy").at("tops_per_watt").get<double>() * total / (2e-12 * macs), 1, 1e-9);
    // Twice as many rows, twice as many multiply-accumulates: the array's share that does not leak doubles, too.
    const auto array = [](const json& entry) {
        for (const json& block : entry.at("energy").at("blocks"))
            if (block.at("name") == "matrix") return block.at("dynamic_j").get<double>();
        return 0.0;
    };
    const json twice = measured({"gemm", "--chip", edge, "--shape", "96x80x32"}).at("results").at(0);
    EXPECT_NEAR(array(twice) / array(gemm), 2, 1e-9);
    const json copy = measured({"copy", "--chip", edge, "--shape", "64x64"}).at("results").at(0);
    expect_energy_adds_up(copy);
    EXPECT_NEAR(copy.at("energy").at("pj_per_element").get<double>() * 64 * 64 * 1e-12 /
                    copy.at("energy").at("total_j").get<double>(),
                1, 1e-9);
    EXPECT_FALSE(copy.at("energy").contains("pj_per_mac"));
}

TEST(OpCli, CyclesAreTheTimeInPeriodsOfAClockOfNoWholePicoseconds) {
    const json document = measured({"gemm", "--chip", tiny, "--shape", "16x16x16", "--set", "chip.clock_mhz=3000"});
    const double period = document.at("chip").at("clock_period_ps");
    EXPECT_EQ(period, 333);
    EXPECT_EQ(document.at("chip").at("clock_hz"), 1e12 / period);
    const json& gemm = document.at("results").at(0);
    EXPECT_EQ(gemm.at("cycles"), gemm.at("time_ps").get<double>() / period);
}

TEST(OpCli, ALargeProductKeepsALargePartOfTheArrayBusyAndASmallOneDoesNot) {
    const json results =
        measured({"gemm", "--chip", edge, "--shape", "16x16x16", "--shape", "512x512x512"}).at("results");
    ASSERT_EQ(results.size(), 2u);
    EXPECT_LT(results[0].at("utilisation").get<double>(), 0.1);
    EXPECT_GT(results[1].at("utilisation").get<double>(), 0.3);
    EXPECT_LE(results[1].at("utilisation").get<double>(), 1.0);
}

TEST(OpCli, AFasterChipIsFaster) {
    const auto time = [](const char* clock) {
        return measured({"softmax", "--chip", tiny, "--shape", "64x64", "--set", clock})
            .at("results")
            .at(0)
            .at("time_ps")
            .get<std::int64_t>();
    };
    EXPECT_LT(time("chip.clock_mhz=200"), time("chip.clock_mhz=100"));
}

TEST(OpCli, Bf16OperandsOfACopyAreHalfTheTraffic) {
    const auto bytes = [](const char* format) {
        return measured({"copy", "--chip", tiny, "--shape", "64x64", "--format", format})
            .at("results")
            .at(0)
            .at("dram_bytes_read")
            .get<int>();
    };
    EXPECT_EQ(bytes("fp32"), 64 * 64 * 4);
    EXPECT_EQ(bytes("bf16"), 64 * 64 * 2);
}

TEST(OpCli, TheTableHasARowForEveryShapeOfOptionsAndList) {
    const TemporaryFolder folder;
    std::ofstream(folder.path("shapes")) << "# two more\n 8 x 8 x 8 \n\n12x12x12 # the last\r\n";
    const ProgramRun run =
        run_program({"op", "gemm", "--chip", tiny, "--shape", "4x4x4", "--list", folder.path("shapes")});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_THAT(run.out, AllOf(HasSubstr("gemm in fp32 on tiny"), HasSubstr("\n4x4x4 "), HasSubstr("\n8x8x8 "),
                               HasSubstr("\n12x12x12 "), HasSubstr("bound"), HasSubstr("pJ/MAC")));
}

TEST(OpCli, ATableOfLayersNamesItsRowsAndCountsTheProductsOfADepthwiseLayer) {
    const TemporaryFolder folder;
    std::ofstream(folder.path("net.csv"))
        << "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, "
           "Channels, Num Filter, Strides,\n"
           "first, 6, 6, 3, 3, 2, 4, 1,\nDP2, 4, 4, 3, 3, 4, 1, 1,\nagain, 6, 6, 3, 3, 2, 4, 1,\n";
    const json results = measured({"gemm", "--chip", tiny, "--list", folder.path("net.csv")}).at("results");
    ASSERT_EQ(results.size(), 3u);
    EXPECT_EQ(results[0].at("name"), "first");
    EXPECT_EQ(results[0].at("shape"), "16x4x18");
    EXPECT_FALSE(results[0].contains("times"));
    EXPECT_EQ(results[1].at("shape"), "4x1x9");
    EXPECT_EQ(results[1].at("times"), 4);
    EXPECT_EQ(results[2].at("time_ps"), results[0].at("time_ps"));
    const double cycles = results[0].at("cycles").get<double>() * 2 + results[1].at("cycles").get<double>() * 4;
    const ProgramRun run = run_program({"op", "gemm", "--chip", tiny, "--list", folder.path("net.csv")});
    EXPECT_THAT(run.out, AllOf(HasSubstr("\nlayer "), HasSubstr("\nfirst "), HasSubstr("\nDP2 "),
                               HasSubstr(" 4 times 4x1x9"), HasSubstr("layers one after the other")));
    EXPECT_THAT(run.out, HasSubstr(fmt::format("{:>13}", fmt::format("{:.10g}", cycles))));
}

TEST(OpCli, AListIsRefusedByFileAndLineBeforeSimulatingAndSaysWhatIsNotModelled) {
    const TemporaryFolder folder;
    const auto list = [&](const std::string& text) {
        std::ofstream(folder.path("l.csv"), std::ios::binary) << text;
        return run_program({"op", "gemm", "--chip", tiny, "--list", folder.path("l.csv")});
    };
    for (const auto& [text, message] :
         {std::pair("4x4x4\n4x4\n", "l.csv:2: '4x4' is no shape"), std::pair("4x4x4\n100000x100000x4\n", "l.csv:2: "),
          std::pair("", "l.csv: there is no shape in it"),
          std::pair("Layer,M,N,K\na,4,4,x\n", "l.csv:2: under 'K': 'x' is no whole number")}) {
        const ProgramRun run = list(text);
        EXPECT_EQ(run.exit_code, 2) << text;
        EXPECT_THAT(run.err, HasSubstr(message));
        EXPECT_EQ(run.out, "");
    }
    const ProgramRun sparse = list("Layer,M,N,K,Sparsity\na,4,4,4,2:4\n");
    EXPECT_EQ(sparse.exit_code, 0);
    EXPECT_THAT(sparse.err, HasSubstr("1 of 1 layers are sparse in the table; they are timed as dense ones"));
}

TEST(OpCli, RefusesWhatMakesNoSenseBeforeSimulating) {
    const auto refused = [](std::vector<std::string> arguments, const char* message) {
        arguments.insert(arguments.begin(), "op");
        const ProgramRun run = run_program(arguments);
        EXPECT_EQ(run.exit_code, 2) << fmt::format("{}", fmt::join(arguments, " "));
        EXPECT_THAT(run.err, HasSubstr(message));
        EXPECT_EQ(run.out, "");
    };
    refused({}, "which operator?");
    refused({"gem"}, "nearest: 'gemm'");
    refused({"gemm"}, "which chip?");
    refused({"gemm", "--chip", tiny}, "which shape?");
    refused({"gemm", "--chip", tiny, "--shape", "4x4"}, "MxNxK: 3 dimensions, not 2");
    refused({"gemm", "--chip", tiny, "--shape", "4x0x4"}, "a dimension is 0");
    for (const char* shape : {"", "x", "4x", "x4", "4xx4", "-4x4x4", "4.5x4x4", "4 4 4", "99999999999x1x1", "4y4y4"})
        refused({"gemm", "--chip", tiny, "--shape", shape}, "is no shape");
    refused({"gemm", "--chip", tiny, "--shape", "100000x100000x4"}, "does not fit into DRAM");
    refused({"gemm", "--chip", tiny, "--shape", "4294967295x4294967295x4294967295"}, "exceeds what can be addressed");
    refused({"attention", "--chip", tiny, "--shape", "8x10x3"}, "3 heads do not divide a width of 10");
    refused({"softmax", "--chip", tiny, "--shape", "8x8", "--format", "bf16"}, "fp32 only");
    refused({"gemm", "--chip", tiny, "--shape", "4x4x4", "--format", "fp64"}, "--format is fp32 or bf16");
    refused({"gemm", "--chip", tiny, "--shape", "4x4x4", "--data", "some"}, "--data is full or none");
    refused({"gemm", "--chip", "no.toml", "--shape", "4x4x4"}, "no.toml");
    refused({"gemm", "--chip", tiny, "--list", "no.txt"}, "no.txt");
}

TEST(OpCli, ATraceIsOfTheTimeInTheTableWithoutTheWarmUp) {
    const TemporaryFolder folder;
    const std::string trace = folder.path("one.json"), dump = folder.path("one.vcd");
    const json entry =
        measured({"gemm", "--chip", tiny, "--shape", "16x16x16", "--trace", trace, "--vcd", dump}).at("results").at(0);
    const double begin = entry.at("begin_ps").get<double>() / 1e6, length = entry.at("time_ps").get<double>() / 1e6;
    const SliceCheck check = check_slices(trace);
    EXPECT_EQ(check.error, "");
    EXPECT_GT(check.slices, 5u);
    EXPECT_NEAR(check.first, begin, 1e-6);
    EXPECT_NEAR(check.last, begin + length, 1e-6);
    const VcdFile signals = read_vcd(dump);
    EXPECT_EQ(signals.error, "");
    EXPECT_EQ(signals.time_at("chip.matrix.busy", "1"), entry.at("units_ps").at("matrix").at("busy"));
    EXPECT_GT(file_content(folder.path("one.gtkw")).size(), 0u);
}

TEST(OpCli, ATraceThatCannotBeIsRefused) {
    const auto refused = [](std::vector<std::string> more, const char* why) {
        more.insert(more.begin(), {"op", "gemm", "--chip", tiny, "--shape", "4x4x4"});
        const ProgramRun run = run_program(more);
        EXPECT_EQ(run.exit_code, 2);
        EXPECT_THAT(run.err, HasSubstr(why));
    };
    refused({"--shape", "8x8x8", "--trace", "two.json"}, "--trace is for one shape, and there are 2");
    refused({"--vcd", "no/such/folder/a.vcd"}, "cannot write 'no/such/folder/a.vcd': No such file");
    refused({"--trace", "a.vcd"}, "--trace is a file that ends in .json, not 'a.vcd'");
}

TEST(OpCli, AFirmwareThatFailsIsASimulationError) {
    const TemporaryFolder folder;
    const auto run_with = [](const std::string& firmware) {
        return run_program({"op", "gemm", "--chip", tiny, "--shape", "4x4x4", "--firmware", firmware});
    };
    const ProgramRun missing = run_with(folder.path("no.elf"));
    EXPECT_EQ(missing.exit_code, 2) << "nothing was simulated";
    EXPECT_THAT(missing.err, HasSubstr("there is no file"));
    std::ofstream(folder.path("no.elf")) << "no ELF";
    const ProgramRun other = run_with(folder.path("no.elf"));
    EXPECT_EQ(other.exit_code, 2) << "nothing was simulated";
    EXPECT_THAT(other.err, HasSubstr("no.elf' cannot be loaded: ELF: "));
    const std::string program = GRADUS_PROGRAM;
    const ProgramRun run = run_with(program.substr(0, program.rfind('/')) + "/firmware/hello.elf");
    EXPECT_EQ(run.exit_code, 3) << "it ends without a step";
    EXPECT_THAT(run.err, AllOf(HasSubstr("4x4x4"), HasSubstr("exit code 0")));
}

TEST(OpCli, HelpListsTheOperators) {
    const ProgramRun run = run_program({"op", "--help"});
    EXPECT_EQ(run.exit_code, 0);
    for (const char* part : {"--shape", "gemm", "layernorm", "SxWxH"})
        EXPECT_THAT(run.out, HasSubstr(part));
}

// A chip in balance under firmware that tiles well. With 1024 x 768 x 3072 the array has 147,456 cycles to multiply and
// the memory at least 98,304 to move 25 MB; neither operand fits the scratchpad. 2048 x 2048 x 64 writes 17 MB in rows
// whose distance is a power of two; one row times a matrix reads 34 MB, each word once.
TEST(OpOnTrain, LargeProductsComeNearWhatBoundsThem) {
    const auto results = measured({"gemm", "--chip", "scenarios/chips/train.toml", "--shape", "1024x768x3072",
                                   "--shape", "2048x2048x64", "--shape", "1x2048x4096"})
                             .at("results");
    EXPECT_GT(results.at(0).at("utilisation").get<double>(), 0.70) << "of the array's peak";
    EXPECT_GT(results.at(1).at("of_tightest_bound").get<double>(), 0.70) << "stores";
    EXPECT_GT(results.at(2).at("of_tightest_bound").get<double>(), 0.70) << "loads";
}

} // namespace
} // namespace gradus::test::op_test
