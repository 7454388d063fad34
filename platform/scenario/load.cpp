// SPDX-License-Identifier: Apache-2.0
#include "platform/scenario/load.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "platform/scenario/check.h"
#include "platform/scenario/files.h"
#include "platform/scenario/model_config.h"
#include "platform/scenario/schema.h"
#include "platform/scenario/toml_file.h"
#include "platform/scenario/toml_guard.h"

namespace gradus::scenario {

struct Files::Tables {
    std::map<std::string, toml::table> by_path;
};

namespace {

namespace fs = std::filesystem;

constexpr std::size_t deepest_base = 16;

/// A base of [model] by another name: a config.json.
constexpr std::string_view config_key = "model.config";

bool names_a_base(const std::string& section, std::string_view name) {
    return name == "base" || (section == "model" && name == "config");
}

/// Every model's is called config.json, in a folder that is not.
std::string name_of_base(const fs::path& file) {
    const fs::path folder = file.parent_path().filename();
    return file.filename() == "config.json" && !folder.empty() && folder != ".." ? folder.string() : name_of(file);
}

/// "chip.dram" for "chip.dram.base"; empty for what is not the base of a section.
std::string base_of(const std::string& key) {
    if (key == config_key) return "model";
    constexpr std::string_view suffix = ".base";
    if (key.size() <= suffix.size() || key.substr(key.size() - suffix.size()) != suffix) return "";
    std::string section = key.substr(0, key.size() - suffix.size());
    return is_section(section) ? section : "";
}

struct Override {
    std::string key;
    std::string value;
    std::string place; ///< "--set key=value"
};

Override split(const std::string& text) {
    const std::string place = "--set " + shown(text);
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) fail("{}: an override is key=value", place);
    const auto trimmed = [](std::string_view part) {
        const std::size_t begin = part.find_first_not_of(" \t");
        if (begin == std::string_view::npos) return std::string();
        return std::string(part.substr(begin, part.find_last_not_of(" \t") - begin + 1));
    };
    return {trimmed(std::string_view(text).substr(0, equals)), trimmed(std::string_view(text).substr(equals + 1)),
            place};
}

/// The value of an override as a TOML table with the one key "value". Text needs no quotes.
toml::table override_value(const Override& override, Type type) {
    const bool quoted = !override.value.empty() && (override.value[0] == '"' || override.value[0] == '\'');
    const bool textual = type == Type::text || type == Type::choice;
    const std::string assignment = "value = " + override.value;
    if (override.value.size() <= longest_line && (quoted || !textual) && !toml_hazard(assignment)) {
        try {
            toml::table table = toml::parse(assignment);
            if (table.size() == 1 && table.contains("value")) return table;
        } catch (const toml::parse_error&) {
            // Not TOML: a bare word, which the type of the key accepts or not.
        }
    }
    return toml::table{{"value", override.value}};
}

/// The keys of a config.json as a table.
toml::table table_of_config(std::string_view text, const fs::path& file) {
    toml::table table;
    for (const auto& [key, value] : read_model_config(text, file.string())) {
        const std::size_t dot = key.find('.');
        toml::table* into = &table;
        if (dot != std::string::npos) into = table.emplace<toml::table>(key.substr(0, dot)).first->second.as_table();
        const std::string name = dot == std::string::npos ? key : key.substr(dot + 1);
        if (value[0] == '"')
            into->insert_or_assign(name, value.substr(1, value.size() - 2));
        else if (value == "true" || value == "false")
            into->insert_or_assign(name, value == "true");
        else if (value.find_first_of(".eE") != std::string::npos)
            into->insert_or_assign(name, std::strtod(value.c_str(), nullptr));
        else
            into->insert_or_assign(name, std::int64_t{std::strtoll(value.c_str(), nullptr, 10)});
    }
    return table;
}

class Loader {
public:
    Loader(Files::Tables& tables, const std::vector<std::string>& overrides) : tables_(tables) {
        for (const std::string& text : overrides)
            overrides_.push_back(split(text));
    }

    /// Reads the file whose top level is `section` ("" for a run file), then the overrides.
    void load(const fs::path& file, const std::string& section) {
        file_ = file;
        for (const Override& override : overrides_)
            if (const std::string section_of_base = base_of(override.key); !section_of_base.empty())
                replaced_bases_[section_of_base] = &override;
        if (!section.empty()) names_[section] = name_of(file);
        // Inner sections first, so that what stands beside the base of an outer one still overrides them.
        for (auto each = replaced_bases_.rbegin(); each != replaced_bases_.rend(); ++each) {
            const auto& [name, override] = *each;
            names_[name] = name_of_base(override->value);
            read(override->value, name, override->place);
            read_bases_.insert(name);
        }
        read(file, section, "");
        for (const Override& override : overrides_)
            apply(override);
        name_what_has_none(file);
    }

    [[noreturn]] void fail_at(const Conflict& conflict, const fs::path& file) const {
        for (const std::string_view key : {conflict.key, conflict.with})
            if (const auto found = places_.find(key); found != places_.end())
                fail("{}: {}", found->second, conflict.message);
        fail("{}: {}", file.string(), conflict.message);
    }

    const Scenario& scenario() const { return scenario_; }

private:
    void read(const fs::path& file, const std::string& section, const std::string& place) {
        auto table = tables_.by_path.find(file.string());
        if (table == tables_.by_path.end())
            table = tables_.by_path.emplace(file.string(), table_of(read_text(file, place), file, section)).first;
        std::error_code error;
        fs::path canonical = fs::canonical(file, error);
        if (error) canonical = file; // a pipe
        if (std::find(open_.begin(), open_.end(), canonical) != open_.end())
            fail("{}: base '{}' leads back to itself", place, file.string());
        if (open_.size() == deepest_base)
            fail("{}: base '{}' is the end of a chain of more than {} files", place, file.string(), deepest_base);
        open_.push_back(canonical);
        walk(table->second, section, section, file);
        open_.pop_back();
    }

    static toml::table table_of(const std::string& text, const fs::path& file, const std::string& section) {
        if (!is_model_config(text)) return parse(text, file);
        if (section != "model") fail("{}: a config.json describes a model, which goes into [model]", file.string());
        return table_of_config(text, file);
    }

    /// `root` is the section at the top level of the file.
    void walk(const toml::table& table, const std::string& section, const std::string& root, const fs::path& file) {
        for (const auto& [name, node] : table)
            if (names_a_base(section, name.str())) read_base(node, section, root, file);
        for (const auto& [name, node] : table) {
            if (names_a_base(section, name.str())) continue;
            const std::string key =
                section.empty() ? std::string(name.str()) : fmt::format("{}.{}", section, name.str());
            const std::string place = place_of(node, file);
            const toml::table* inner = node.as_table();
            if (inner && is_section(key))
                walk(*inner, key, root, file);
            else if (const Parameter* parameter = find(key))
                set(*parameter, node, place, file);
            else if (is_section(key))
                fail("{}: {} is a section, not {}", place, key, shown(node));
            else
                fail_unknown(place, key, inner != nullptr);
        }
    }

    void read_base(const toml::node& base, const std::string& section, const std::string& root, const fs::path& file) {
        const std::string place = place_of(base, file);
        const auto* path = base.as_string();
        if (!path) fail("{}: base takes the path of a file, not {}", place, shown(base));
        if (read_bases_.count(section)) return;
        const fs::path target = (folder_of(file) / path->get()).lexically_normal();
        if (section != root) names_[section] = name_of_base(target);
        read(target, section, place);
    }

    void set(const Parameter& parameter, const toml::node& node, const std::string& place, const fs::path& file) {
        Value value = converted(node, parameter, place);
        if (parameter.key == "run.text") value = resolved_text(std::get<std::string>(value), file);
        note_origin(parameter, place, file);
        parameter.set(scenario_, value);
        places_[parameter.key] = place;
    }

    /// Before the value is set: what stands there now is the base's, unless it has been changed before.
    void note_origin(const Parameter& parameter, const std::string& place, const fs::path& file) {
        Origin& origin = scenario_.origins[std::string(parameter.key)];
        const bool from_base = !file.empty() && file != file_;
        if (from_base) {
            origin.place = seen_from_file(file) + place.substr(file.string().size());
            return;
        }
        if (origin.from == Origin::From::base) {
            origin.base = parameter.get(scenario_);
            origin.base_place = origin.place;
        }
        origin.from = file.empty() ? Origin::From::override : Origin::From::file;
        origin.place = file.empty() ? place : file.filename().string() + place.substr(file.string().size());
    }

    /// As short as it gets, and the same wherever the scenario stands.
    std::string seen_from_file(const fs::path& file) const {
        const fs::path seen = file.lexically_relative(folder_of(file_));
        return seen.empty() ? file.string() : seen.string();
    }

    static std::string resolved_text(const std::string& text, const fs::path& file) {
        if (text == "synthetic" || file.empty()) return text;
        return (folder_of(file) / text).lexically_normal().string();
    }

    void apply(const Override& override) {
        if (!base_of(override.key).empty()) return;
        const Parameter* parameter = find(override.key);
        if (!parameter && is_section(override.key))
            fail("{}: {} is a section; its keys are set one by one", override.place, override.key);
        if (!parameter) fail_unknown(override.place, override.key);
        const toml::table table = override_value(override, parameter->type());
        set(*parameter, *table.get("value"), override.place, {});
    }

    void name_what_has_none(const fs::path& file) {
        scenario_.name = name_of(file);
        const auto name = [this](const char* section) {
            const std::string& found = names_[section];
            return found.empty() ? scenario_.name : found;
        };
        if (scenario_.chip.name.empty()) scenario_.chip.name = name("chip");
        if (scenario_.model.name.empty()) scenario_.model.name = name("model");
        if (scenario_.chip.dram_name.empty()) scenario_.chip.dram_name = names_["chip.dram"];
        std::string& technology = scenario_.chip.technology.name;
        if (technology.empty()) technology = names_["chip.technology"];
    }

    Files::Tables& tables_;
    std::vector<Override> overrides_;
    fs::path file_; // what was asked for; all others are bases
    Scenario scenario_;
    std::map<std::string, std::string> names_;              // of a section's base file
    std::map<std::string_view, std::string> places_;        // key: where it was set last
    std::map<std::string, const Override*> replaced_bases_; // section: the override that names its base
    std::set<std::string> read_bases_; // of these, what has been read: files' own bases of them are left out
    std::vector<fs::path> open_;       // files being read, outermost first
};

} // namespace

Files::Files() : tables_(std::make_unique<Tables>()) {}
Files::~Files() = default;

Scenario Files::load(const fs::path& file, const std::vector<std::string>& overrides) {
    Loader loader(*tables_, overrides);
    loader.load(file, "");
    if (const auto conflict = find_conflict(loader.scenario())) loader.fail_at(*conflict, file);
    return loader.scenario();
}

ChipParameters Files::load_chip(const fs::path& file, const std::vector<std::string>& overrides) {
    Loader loader(*tables_, overrides);
    loader.load(file, "chip");
    if (const auto conflict = find_conflict(loader.scenario().chip)) loader.fail_at(*conflict, file);
    return loader.scenario().chip;
}

void Files::put(const fs::path& file, const std::string& text) {
    tables_->by_path.insert_or_assign(file.string(), parse(text, file));
}

Scenario load(const fs::path& file, const std::vector<std::string>& overrides) { return Files().load(file, overrides); }

std::string as_override(std::string_view key, const Value& value) {
    std::string text = to_string(value);
    const Parameter* parameter = find(key);
    const bool quoted = parameter && parameter->type() == Type::text && !text.empty() &&
                        (std::string_view("\"' \t").find(text.front()) != std::string_view::npos ||
                         text.back() == ' ' || text.back() == '\t');
    if (!quoted) return fmt::format("{}={}", key, text);
    for (std::size_t at = 0; (at = text.find_first_of("\\\"", at)) != std::string::npos; at += 2)
        text.insert(at, 1, '\\');
    return fmt::format("{}=\"{}\"", key, text);
}

ChipParameters load_chip(const fs::path& file, const std::vector<std::string>& overrides) {
    return Files().load_chip(file, overrides);
}

} // namespace gradus::scenario
