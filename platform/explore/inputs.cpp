// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/inputs.h"

#include <filesystem>

#include <fmt/format.h>
#include <xxhash.h>

#include "platform/scenario/read_file.h"
#include "platform/scenario/schema.h"

namespace gradus::explore {

namespace {

std::string toml_text(const std::string& text) {
    std::string result = "\"";
    for (const char each : text) {
        const auto code = static_cast<unsigned char>(each);
        if (each == '"' || each == '\\')
            result += fmt::format("\\{}", each);
        else if (code < 0x20 || code == 0x7f)
            result += fmt::format("\\u{:04x}", code);
        else
            result += each;
    }
    return result + '"';
}

} // namespace

std::string canonical_text(const scenario::Scenario& point) {
    std::string text;
    for (const scenario::Parameter& parameter : scenario::schema()) {
        const scenario::Value value = parameter.get(point);
        std::string written = scenario::to_string(value);
        if (parameter.key == "run.text" && written != "synthetic") // the same from wherever the program is called
            written = std::filesystem::absolute(written).lexically_normal().string();
        if (std::holds_alternative<std::string>(value)) written = toml_text(written);
        text += fmt::format("{} = {}\n", parameter.key, written);
    }
    return text;
}

std::string hash_of(std::string_view text) {
    const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::string hash_of_file(const std::string& path) { return hash_of(scenario::read_file(path)); }

} // namespace gradus::explore
