// SPDX-License-Identifier: Apache-2.0
// Whatever the engines are made of, the same firmware trains the same model to the same losses, bit for bit; only time
// differs, and as expected.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/names_result.h"

namespace gradus::test::engine_options_test {
namespace {

using nlohmann::json;
using Settings = std::vector<std::string>;

/// Three steps; one sequence is generated unless the settings say otherwise.
const Settings common{"run.steps=3", "run.generate=1"};

ProgramRun run(const Settings& settings, const std::string& folder) {
    std::vector<std::string> arguments{"run", "scenarios/runs/names.toml", "--json", "--trace", "off", "--out", folder};
    for (const std::string& setting : joined(common, settings))
        arguments.insert(arguments.end(), {"--set", setting});
    return run_program(arguments);
}

json result_of(const Settings& settings) { return names_result(joined(common, settings)); }

double time_of(const json& result) { return result.at("totals").at("time_ps"); }

double of_unit(const json& result, const std::string& name, const char* value) {
    for (const json& unit : result.at("units"))
        if (unit.at("name") == name) return unit.at(value);
    ADD_FAILURE() << "no unit " << name;
    return 0;
}

TEST(EngineOptions, LossesDoNotDependOnTheEngines) {
    const std::vector<double> expected = losses_of(result_of({}));
    ASSERT_EQ(expected.size(), 3u);
    for (const Settings& settings :
         {Settings{"chip.engine.matrix.dataflow=weight"}, Settings{"chip.engine.matrix.dataflow=input"},
          Settings{"chip.engine.matrix.dataflow=dot"}, Settings{"chip.engine.matrix.folds=overlapped"},
          Settings{"chip.engine.matrix.folds=overlapped", "chip.engine.matrix.dataflow=weight",
                   "chip.engine.matrix.accumulators=4", "run.check_protocol=true"},
          Settings{"chip.engine.matrix.edge_folds=trimmed", "chip.engine.matrix.rows=5"},
          Settings{"chip.engine.vector.fused=true"},
          Settings{"chip.engine.vector.results=streamed", "chip.engine.vector.tree=pipelined",
                   "chip.engine.vector.fused=true", "run.check_protocol=true"}}) {
        SCOPED_TRACE(settings.back());
        EXPECT_EQ(losses_of(result_of(settings)), expected);
    }
}

TEST(EngineOptions, FusedCommandsAreFewerAndMoveLess) {
    const json composed = result_of({}), fused = result_of({"chip.engine.vector.fused=true"});
    for (const char* value : {"commands", "scratchpad_bytes_read", "scratchpad_bytes_written"})
        EXPECT_LT(of_unit(fused, "vector", value), of_unit(composed, "vector", value)) << value;
    EXPECT_LT(time_of(fused), time_of(composed)) << "and the hart has fewer to write";
}

// Both kinds of fused operators sum up exponentials of columns.
TEST(EngineOptions, CommandsForColumnsAreFewerAndGiveTheSameBits) {
    const Settings fused_operators{"model.attention=fused", "model.head=fused", "run.generate=0"};
    Settings with_commands = fused_operators;
    with_commands.emplace_back("chip.engine.vector.columns=true");
    const json composed = result_of(fused_operators), single = result_of(with_commands);
    EXPECT_EQ(losses_of(single), losses_of(composed));
    for (const char* value : {"commands", "scratchpad_bytes_read", "scratchpad_bytes_written"})
        EXPECT_LT(of_unit(single, "vector", value), of_unit(composed, "vector", value)) << value;
    EXPECT_LT(time_of(single), time_of(composed));
    with_commands.emplace_back("chip.engine.vector.results=streamed");
    EXPECT_EQ(losses_of(result_of(with_commands)), losses_of(composed));
}

TEST(EngineOptions, RowsThatDoNotFitTheScratchpadAreComposedAllTheSame) {
    // Half of it holds not one row of 27 logits beside its other operands.
    const Settings small{"chip.scratchpad.bytes=1024", "chip.scratchpad.banks=1"};
    Settings fused = small;
    fused.emplace_back("chip.engine.vector.fused=true");
    EXPECT_EQ(losses_of(result_of(fused)), losses_of(result_of(small)));
}

TEST(EngineOptions, PanelsThatOverlapTakeTheSameTimeWithoutData) {
    const Settings options{"chip.engine.matrix.folds=overlapped", "chip.engine.vector.results=streamed",
                           "chip.engine.vector.fused=true", "run.generate=0"};
    Settings without = options;
    without.emplace_back("run.data=none");
    EXPECT_EQ(time_of(result_of(options)), time_of(result_of(without)));
}

TEST(EngineOptions, TheVerilatedArrayStandsInForTheTimingCore) {
    const TemporaryFolder folder;
    const ProgramRun refused =
        run({"chip.engine.matrix.model=rtl", "chip.engine.matrix.folds=overlapped"}, folder.path("refused"));
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_NE(refused.err.find("chip.engine.matrix.model = \"rtl\""), std::string::npos) << refused.err;
    if (refused.err.find("no Verilator") != std::string::npos) GTEST_SKIP() << "built without Verilator";
    for (const char* dataflow : {"output", "weight", "input"}) {
        SCOPED_TRACE(dataflow);
        const std::string setting = std::string("chip.engine.matrix.dataflow=") + dataflow;
        const json timing = result_of({setting}), rtl = result_of({setting, "chip.engine.matrix.model=rtl"});
        EXPECT_EQ(losses_of(rtl), losses_of(timing));
        EXPECT_NEAR(time_of(rtl) / time_of(timing), 1.0, 0.01);
        EXPECT_EQ(of_unit(rtl, "matrix", "busy_ps"), of_unit(timing, "matrix", "busy_ps"));
    }
}

} // namespace
} // namespace gradus::test::engine_options_test
