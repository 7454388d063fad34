// SPDX-License-Identifier: Apache-2.0
// links: gradus_scenario gradus_fuzz_toml
// A model's config.json: what comes out are keys of [model], each of which the schema knows.
#include "platform/scenario/load.h"
#include "platform/scenario/model_config.h"
#include "platform/scenario/schema.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace gradus;
    const std::string_view text = fuzz::text_of(data, size);
    if (!scenario::is_model_config(text)) return 0;
    const auto keys =
        fuzz::read_or_refuse<scenario::ScenarioError>([&] { return scenario::read_model_config(text, "config.json"); });
    if (!keys) return 0;
    for (const auto& [key, value] : *keys) {
        fuzz::claim(scenario::find("model." + key) != nullptr, "a key of a config is one of [model]");
        fuzz::claim_one_line(value);
    }
    return 0;
}
