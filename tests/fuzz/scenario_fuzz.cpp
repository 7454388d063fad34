// SPDX-License-Identifier: Apache-2.0
// links: gradus_scenario gradus_fuzz_toml
// Scenario files, and files that they start from (chips, models, memories, technologies), and overrides. An input is up
// to three parts with a line "%%" between them: a scenario, a file other.toml beside it, overrides, one a line. The
// first part is read as a chip file, too. What is read obeys the schema and can be given again key by key.
#include <map>
#include <vector>

#include "platform/scenario/check.h"
#include "platform/scenario/load.h"
#include "platform/scenario/schema.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/scenario_tree.h"

namespace {

using namespace gradus;
using fuzz::claim;
using scenario::Parameter;
using scenario::Scenario;

constexpr const char* input_file = "/scenarios/runs/input.toml";
constexpr const char* other_file = "/scenarios/runs/other.toml";
constexpr const char* empty_file = "/scenarios/runs/empty.toml";
constexpr std::size_t most_overrides = 16;

struct Input {
    std::string scenario, other;
    std::vector<std::string> overrides;
};

Input split(std::string_view text) {
    constexpr std::string_view border = "\n%%\n";
    Input input;
    const auto next = [&] {
        const std::size_t end = std::min(text.find(border), text.size());
        const std::string part(text.substr(0, end));
        text.remove_prefix(std::min(end + border.size(), text.size()));
        return part;
    };
    input.scenario = next();
    input.other = next();
    while (!text.empty() && input.overrides.size() < most_overrides) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        input.overrides.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return input;
}

void claim_allowed(const Scenario& scenario, std::string_view section) {
    for (const Parameter& parameter : scenario::schema())
        if (parameter.key.substr(0, section.size()) == section)
            claim(parameter.allows(parameter.get(scenario)), "every value is allowed");
}

/// The keys of `section` that differ from their defaults, as overrides.
std::vector<std::string> as_overrides(const Scenario& scenario, std::string_view section) {
    std::vector<std::string> overrides;
    for (const Parameter& parameter : scenario::schema())
        if (parameter.key.substr(0, section.size()) == section && parameter.get(scenario) != parameter.default_value())
            overrides.push_back(scenario::as_override(parameter.key, parameter.get(scenario)));
    return overrides;
}

void claim_same(const Scenario& left, const Scenario& right, std::string_view section) {
    for (const Parameter& parameter : scenario::schema())
        if (parameter.key.substr(0, section.size()) == section)
            claim(parameter.get(left) == parameter.get(right), "what was read can be given again as overrides");
}

void claim_origins(const Scenario& scenario) {
    for (const auto& [key, origin] : scenario.origins) {
        claim(scenario::find(key) != nullptr, "an origin is that of a key");
        fuzz::claim_one_line(origin.place);
    }
}

scenario::Files& files() {
    static scenario::Files files;
    return files;
}

} // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    fuzz::put_tree(files());
    files().put(empty_file, "");
    return 0;
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using scenario::ScenarioError;
    const Input input = split(fuzz::text_of(data, size));
    const auto put = fuzz::read_or_refuse<ScenarioError>([&] {
        files().put(input_file, input.scenario);
        files().put(other_file, input.other);
        return true;
    });
    if (!put) return 0;

    if (const auto read =
            fuzz::read_or_refuse<ScenarioError>([&] { return files().load(input_file, input.overrides); })) {
        claim_allowed(*read, "");
        claim_origins(*read);
        claim(!scenario::find_conflict(*read), "no two keys are at odds");
        claim_same(*read, files().load(empty_file, as_overrides(*read, "")), "");
    }
    if (const auto read =
            fuzz::read_or_refuse<ScenarioError>([&] { return files().load_chip(input_file, input.overrides); })) {
        Scenario chip;
        chip.chip = *read;
        claim_allowed(chip, "chip.");
        claim(!scenario::find_conflict(*read), "no two keys of a chip are at odds");
        Scenario again;
        again.chip = files().load_chip(empty_file, as_overrides(chip, "chip."));
        claim_same(chip, again, "chip.");
    }
    return 0;
}
