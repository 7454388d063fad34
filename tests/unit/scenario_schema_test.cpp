// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <set>

#include <gtest/gtest.h>

#include "platform/scenario/nearest.h"
#include "platform/scenario/schema.h"

namespace gradus::scenario::scenario_schema_test {
namespace {

TEST(ScenarioSchema, EveryKeyIsListedOnceWithHelpAndARange) {
    std::set<std::string_view> seen;
    for (const Parameter& parameter : schema()) {
        EXPECT_TRUE(seen.insert(parameter.key).second) << parameter.key;
        EXPECT_FALSE(parameter.help.empty()) << parameter.key;
        EXPECT_FALSE(parameter.range().empty()) << parameter.key;
        EXPECT_EQ(find(parameter.key), &parameter);
    }
    EXPECT_EQ(keys().size(), schema().size());
}

TEST(ScenarioSchema, EveryKeyReachesAFieldOfItsOwn) {
    // Setting one key must change that key and no other: two keys that shared a field would be caught here.
    for (const Parameter& changed : schema()) {
        Scenario scenario;
        const Value before = changed.default_value();
        Value after = before;
        if (const auto* integer = std::get_if<std::uint64_t>(&before)) after = *integer + 1;
        if (const auto* number = std::get_if<double>(&before)) after = *number + 1;
        if (const auto* boolean = std::get_if<bool>(&before)) after = !*boolean;
        if (changed.type() == Type::text) after = std::string("changed");
        if (changed.type() == Type::choice) {
            const auto& text = std::get<std::string>(before);
            after = std::string(text == changed.choices.front() ? changed.choices.back() : changed.choices.front());
        }
        changed.set(scenario, after);
        for (const Parameter& parameter : schema())
            EXPECT_EQ(parameter.get(scenario), &parameter == &changed ? after : parameter.default_value())
                << changed.key << " changed " << parameter.key;
    }
}

TEST(ScenarioSchema, EveryFieldOfTheParametersHasAKey) {
    // The sizes of the fields behind all keys, with the padding between them, make up the structs: a field added to
    // parameters.h without a key leaves a hole wider than padding can be.
    Scenario scenario;
    std::set<std::pair<const char*, const char*>> fields;
    for (const Parameter& parameter : schema())
        std::visit(
            [&](const auto* field) {
                const char* begin = reinterpret_cast<const char*>(field);
                fields.insert({begin, begin + sizeof(*field)});
            },
            parameter.field(scenario));
    const char* covered = reinterpret_cast<const char*>(&scenario.chip);
    for (const auto& [begin, end] : fields) {
        EXPECT_GE(begin, covered);
        EXPECT_LT(begin - covered, 8) << "hole before the field at offset "
                                      << begin - reinterpret_cast<const char*>(&scenario.chip);
        covered = end;
    }
    EXPECT_LT(reinterpret_cast<const char*>(&scenario.origins) - covered, 8) << "no key, what the loader says of them";
}

TEST(ScenarioSchema, EveryDefaultIsAllowed) {
    for (const Parameter& parameter : schema())
        EXPECT_TRUE(parameter.allows(parameter.default_value())) << parameter.key << ": " << parameter.allowed();
}

TEST(ScenarioSchema, DefaultsAreThoseOfTheStructs) {
    const Scenario defaults;
    EXPECT_EQ(find("chip.engine.matrix.rows")->default_value(), Value{std::uint64_t{defaults.chip.matrix.rows}});
    EXPECT_EQ(find("chip.dram.timing.rcd_read")->default_value(), Value{defaults.chip.dram.timing.rcd_read});
    EXPECT_EQ(find("chip.dram.mapping")->default_value(), Value{defaults.chip.dram.mapping});
    EXPECT_EQ(find("model.activation")->default_value(), Value{std::string("relu")});
    EXPECT_EQ(find("run.text")->default_value(), Value{defaults.run.text});
    EXPECT_EQ(find("run.dmi")->default_value(), Value{defaults.run.dmi});
}

TEST(ScenarioSchema, ChoicesFollowTheOrderOfTheEnumeration) {
    Scenario scenario;
    find("model.activation")->set(scenario, std::string("silu"));
    EXPECT_EQ(scenario.model.activation, Activation::silu);
    find("model.format")->set(scenario, std::string("bf16"));
    EXPECT_EQ(scenario.model.format, Format::bf16);
    find("run.data")->set(scenario, std::string("none"));
    EXPECT_EQ(scenario.run.data, DataPlane::none);
    find("run.rate_schedule")->set(scenario, std::string("cosine"));
    EXPECT_EQ(scenario.run.rate_schedule, RateSchedule::cosine);
    find("chip.dram.scheduler")->set(scenario, std::string("bank_machines"));
    EXPECT_EQ(scenario.chip.dram.policy.scheduler, ip::DramScheduler::bank_machines);
    find("chip.dram.page_policy")->set(scenario, std::string("timeout"));
    EXPECT_EQ(scenario.chip.dram.policy.page_policy, ip::DramPagePolicy::timeout);
    find("chip.dram.refresh")->set(scenario, std::string("per_bank"));
    EXPECT_EQ(scenario.chip.dram.policy.refresh, ip::DramRefresh::per_bank);
}

TEST(ScenarioSchema, RangesIncludeBothEnds) {
    const Parameter& rows = *find("chip.engine.matrix.rows");
    EXPECT_FALSE(rows.allows(std::uint64_t{0}));
    EXPECT_TRUE(rows.allows(std::uint64_t{1}));
    EXPECT_TRUE(rows.allows(std::uint64_t{1024}));
    EXPECT_FALSE(rows.allows(std::uint64_t{1025}));
    EXPECT_FALSE(rows.allows(std::numeric_limits<std::uint64_t>::max()));
}

TEST(ScenarioSchema, NumbersThatAreNoneAreRefused) {
    const Parameter& clock = *find("chip.clock_mhz");
    EXPECT_FALSE(clock.allows(std::nan("")));
    EXPECT_FALSE(clock.allows(std::numeric_limits<double>::infinity()));
    EXPECT_TRUE(clock.allows(333.3));
}

TEST(ScenarioSchema, PowersOfTwoAreToldFromTheirNeighbours) {
    const Parameter& banks = *find("chip.scratchpad.banks");
    for (const std::uint64_t power : {1, 2, 64, 1024})
        EXPECT_TRUE(banks.allows(power)) << power;
    for (const std::uint64_t other : {3, 5, 63, 65, 1023})
        EXPECT_FALSE(banks.allows(other)) << other;
    EXPECT_NE(banks.allowed().find("power of two"), std::string::npos);
}

TEST(ScenarioSchema, RangesReadInTheUnitsOfPeople) {
    EXPECT_EQ(find("chip.dram.bytes")->range(), "1 MiB .. 16 TiB");
    EXPECT_EQ(find("chip.engine.matrix.rows")->range(), "1 .. 1024");
    EXPECT_EQ(find("run.steps")->range(), "1 .. 10000000");
    EXPECT_EQ(find("run.epsilon")->range(), "1e-30 .. 1");
    EXPECT_EQ(find("model.activation")->allowed(), "one of relu, gelu, silu, relu_squared, gelu_erf");
}

TEST(Nearest, DistanceCountsSingleCharacterEdits) {
    EXPECT_EQ(edit_distance("", ""), 0u);
    EXPECT_EQ(edit_distance("", "abc"), 3u);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3u); // two replaced, one added
    EXPECT_EQ(edit_distance("rows", "rosw"), 2u);      // a swap is two replacements
}

TEST(Nearest, TheLastPartOfAKeyFindsTheWholeKey) {
    EXPECT_EQ(nearest("lanes", keys()), "chip.engine.vector.lanes");
    EXPECT_EQ(nearest("chip.engine.matrx.rows", keys()), "chip.engine.matrix.rows");
    EXPECT_EQ(nearest("run.step", keys()), "run.steps");
    EXPECT_EQ(nearest("anything", {}), "");
    EXPECT_EQ(nearest("RUN.STEPS", keys()), "run.steps") << "whatever the case";
    EXPECT_EQ(nearest("Lanes", keys()), "chip.engine.vector.lanes");
    EXPECT_EQ(nearest("Run", {"rune", "run"}), "run");
    EXPECT_EQ(nearest("Ab", {"ab", "Ab"}), "Ab") << "of equals the one with the same case";
}

TEST(Nearest, AVeryLongWordIsComparedByItsStartAlone) {
    const std::string word = "run.steps" + std::string(1 << 20, 'x'); // a megabyte against all keys, in no time
    EXPECT_FALSE(nearest(word, keys()).empty());
}

} // namespace
} // namespace gradus::scenario::scenario_schema_test
