// SPDX-License-Identifier: Apache-2.0
#include "platform/scenario/model_config.h"

#include <cstdlib>
#include <set>

#include <fmt/format.h>

#include "platform/scenario/families/family.h"
#include "platform/scenario/load.h"
#include "platform/scenario/nearest.h"
#include "platform/text/plain.h"

namespace gradus::scenario {
namespace {

using nlohmann::json;

constexpr int deepest = 16;
constexpr unsigned longest_context = 131'072;
constexpr unsigned largest_side = 1'048'576; ///< of an image, and whatever else is counted of it

json parse(std::string_view text, const std::string& file) {
    const auto bounded = [](int depth, json::parse_event_t, json&) {
        if (depth > deepest) throw ScenarioError("");
        return true;
    };
    try {
        json config = json::parse(text, bounded);
        if (!config.is_object()) throw ScenarioError("");
        return config;
    } catch (const json::exception&) {
        throw ScenarioError(fmt::format("{}: begins like a config.json and is no JSON", file));
    } catch (const ScenarioError&) {
        throw ScenarioError(fmt::format("{}: is no config.json: one object, nested {} deep at most", file, deepest));
    }
}

/// Reads a file by a family's fields, each of which it ticks off.
class Reader {
public:
    Reader(const json& config, const Family& family, const std::string& file)
        : config_(config), family_(family), file_(file) {
        for (const char* field : fields_without_meaning())
            known_.insert(field);
        for (const char* field : family.ignored)
            known_.insert(field);
    }

    std::vector<std::pair<std::string, std::string>> read() {
        for (const auto& [key, value] : family_.always)
            put(key, quoted(value));
        for (const NumberField& number : family_.numbers)
            read_number(number);
        for (const FlagField& flag : family_.flags)
            read_flag(flag);
        for (const ChoiceField& choice : family_.choices)
            read_choice(choice);
        for (const FixedField& fixed : family_.fixed)
            read_fixed(fixed);
        if (family_.rope) read_rope();
        if (family_.window) read_window();
        if (family_.images) read_images();
        refuse_the_unknown();
        return std::move(keys_);
    }

private:
    /// As TOML has it: true, false and numbers bare, words in quotes.
    static std::string quoted(const std::string& value) {
        return value == "true" || value == "false" ? value : fmt::format("\"{}\"", value);
    }
    void put(const std::string& key, const std::string& value) { keys_.emplace_back(key, value); }

    template <typename... Arguments>
    [[noreturn]] void fail(const char* field, fmt::format_string<Arguments...> format, Arguments&&... arguments) const {
        throw ScenarioError(
            fmt::format("{}: {}: {}", file_, field, fmt::format(format, std::forward<Arguments>(arguments)...)));
    }
    static std::string shown(const json& value) {
        return text::shown(value.dump(-1, ' ', false, json::error_handler_t::replace));
    }

    /// Null where the field is missing or null.
    const json& field(const char* name) {
        static const json nothing;
        known_.insert(name);
        const auto found = config_.find(name);
        return found == config_.end() ? nothing : *found;
    }

    std::string number(const char* name, const json& value) const {
        if (!value.is_number()) fail(name, "takes a number, not {}", shown(value));
        return value.dump();
    }

    void read_number(const NumberField& of) {
        const json& value = field(of.field);
        if (!value.is_null()) return put(of.key, number(of.field, value));
        if (*of.if_null != 0 && config_.contains(of.field)) return put(of.key, of.if_null);
        if (*of.otherwise == 0) fail(of.field, "is missing");
        if (*of.times == 0) return put(of.key, of.otherwise);
        put(of.key, fmt::format("{:.0f}", std::strtod(of.otherwise, nullptr) * field(of.times).get<double>()));
    }

    void read_flag(const FlagField& of) {
        const json& value = field(of.field);
        if (!value.is_null() && !value.is_boolean()) fail(of.field, "takes true or false, not {}", shown(value));
        put(of.key, (value.is_null() ? of.otherwise : value.get<bool>()) ? "true" : "false");
    }

    void read_choice(const ChoiceField& of) {
        const json& value = field(of.field);
        if (value.is_null() && *of.otherwise != 0) return put(of.key, quoted(of.otherwise));
        std::vector<std::string> known;
        for (const auto& [theirs, ours] : of.values) {
            if (value == theirs) return put(of.key, quoted(ours));
            known.emplace_back(theirs);
        }
        fail(of.field, "{} is not supported; it may be {}", shown(value), fmt::join(known, ", "));
    }

    void read_fixed(const FixedField& of) {
        const json& value = field(of.field);
        if (!value.is_null() && value != of.value)
            fail(of.field, "{} changes what the model computes and is not supported, only {} is", shown(value),
                 shown(of.value));
    }

    void read_rope() {
        const json& theta = field("rope_theta");
        put("rope.theta", theta.is_null() ? family_.rope_theta : number("rope_theta", theta));
        const json& fraction = field("partial_rotary_factor");
        put("rope.fraction", fraction.is_null() ? "1" : number("partial_rotary_factor", fraction));
        const json& scaling = field("rope_scaling");
        if (scaling.is_null()) return put("rope.scaling", "\"none\"");
        if (!scaling.is_object()) fail("rope_scaling", "is an object, not {}", shown(scaling));
        read_rope_scaling(scaling);
    }

    void read_rope_scaling(const json& scaling) {
        const auto part = [&](const char* name) {
            const auto found = scaling.find(name);
            if (found == scaling.end()) fail("rope_scaling", "{} is missing", name);
            return number("rope_scaling", *found);
        };
        const std::string type = scaling.value("rope_type", scaling.value("type", json())).dump();
        if (type != "\"llama3\"" && type != "\"linear\"")
            fail("rope_scaling", "type {} is not supported; it may be llama3 or linear", text::shown(type));
        put("rope.scaling", type);
        put("rope.factor", part("factor"));
        std::set<std::string> known = {"rope_type", "type", "factor"};
        if (type == "\"llama3\"") {
            put("rope.low_turns", part("low_freq_factor"));
            put("rope.high_turns", part("high_freq_factor"));
            put("rope.original_context", part("original_max_position_embeddings"));
            known.insert({"low_freq_factor", "high_freq_factor", "original_max_position_embeddings"});
        }
        for (const auto& [name, value] : scaling.items())
            if (known.count(name) == 0) fail("rope_scaling", "nobody knows its {}", text::shown(name));
    }

    void read_window() {
        const json& window = field("sliding_window");
        const json& use = field("use_sliding_window");
        const json every = read_global_every();
        const bool any_layer = read_window_layers();
        if (!use.is_null() && !use.is_boolean()) fail("use_sliding_window", "takes true or false, not {}", shown(use));
        if (window.is_null() && family_.global_every != 0) fail("sliding_window", "is missing");
        if (use == false || window.is_null() || every == 1 || !any_layer) return;
        const bool hides_nothing = window.is_number() && window.get<double>() > longest_context;
        put("window", hides_nothing ? fmt::format("{}", longest_context) : number("sliding_window", window));
        put("global_every", number("sliding_window_pattern", every));
    }

    /// Which layers see beyond the window: every n-th.
    json read_global_every() {
        const json& types = field("layer_types");
        const json& pattern = field("sliding_window_pattern");
        const json& newer_pattern = field("_sliding_window_pattern");
        if (types.is_null()) {
            if (!pattern.is_null()) return pattern;
            return newer_pattern.is_null() ? json(family_.global_every) : newer_pattern;
        }
        if (!types.is_array() || types.size() != field("num_hidden_layers"))
            fail("layer_types", "is a list with a name for each layer, not {}", shown(types));
        std::size_t every = 0;
        for (std::size_t i = 0; i < types.size(); ++i) {
            if (types[i] != "full_attention" && types[i] != "sliding_attention")
                fail("layer_types", "{} is not supported; it may be full_attention or sliding_attention",
                     shown(types[i]));
            const bool global = types[i] == "full_attention";
            if (global && every == 0) every = i + 1;
            if (global != (every != 0 && (i + 1) % every == 0))
                fail("layer_types", "layer {} breaks the rule that every n-th is full_attention", i);
        }
        return every;
    }

    /// Qwen's layers from this one on have the window. Returns whether any do.
    bool read_window_layers() {
        const json& first = field("max_window_layers");
        const json& layers = field("num_hidden_layers");
        if (first.is_null() || !field("layer_types").is_null() || first == 0) return true;
        if (!first.is_number()) fail("max_window_layers", "takes a number, not {}", shown(first));
        if (field("use_sliding_window") != false && !field("sliding_window").is_null() && first < layers)
            fail("max_window_layers", "{} is not supported, only 0 is, or no layer with a window", shown(first));
        return false;
    }

    unsigned count(const char* name, unsigned otherwise) {
        const json& value = field(name);
        if (value.is_null()) return otherwise;
        if (!value.is_number_unsigned() || value > largest_side || value == 0)
            fail(name, "takes a number from 1 to {}, not {}", largest_side, shown(value));
        return value.get<unsigned>();
    }

    /// Patches and a row for the class are the context, labels the vocabulary.
    void read_images() {
        const unsigned side = count("image_size", 224), patch = count("patch_size", 16);
        const unsigned channels = count("num_channels", 3), labels = count("num_labels", 0);
        if (side % patch != 0) fail("patch_size", "{} does not divide the image_size of {}", patch, side);
        const std::uint64_t patches = std::uint64_t{side / patch} * (side / patch);
        put("context", fmt::format("{}", patches + 1));
        put("patch_values", fmt::format("{}", std::uint64_t{patch} * patch * channels));
        const json& names = field("id2label");
        if (labels == 0 && !names.is_object()) fail("id2label", "is missing: which labels are there?");
        put("vocabulary", fmt::format("{}", labels != 0 ? labels : names.size()));
    }

    void refuse_the_unknown() const {
        std::vector<std::string_view> candidates(known_.begin(), known_.end());
        for (const auto& [name, value] : config_.items())
            if (known_.count(name) == 0)
                throw ScenarioError(
                    fmt::format("{}: {}: nobody knows this field of {}, and what it would change; nearest: {}", file_,
                                text::shown(name), family_.types.front(), nearest(name, candidates)));
    }

    const json& config_;
    const Family& family_;
    const std::string& file_;
    std::set<std::string> known_;
    std::vector<std::pair<std::string, std::string>> keys_;
};

} // namespace

bool is_model_config(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    return first != std::string_view::npos && text[first] == '{';
}

std::vector<std::pair<std::string, std::string>> read_model_config(std::string_view text, const std::string& file) {
    const std::size_t begin = text.find('{');
    const json config = parse(text.substr(begin == std::string_view::npos ? 0 : begin), file);
    const auto type = config.find("model_type");
    if (type == config.end() || !type->is_string())
        throw ScenarioError(fmt::format("{}: model_type is missing: which family of models is it?", file));
    std::vector<std::string> known;
    for (const Family& family : families())
        for (const char* each : family.types) {
            if (*type == each) return Reader(config, family, file).read();
            known.emplace_back(each);
        }
    throw ScenarioError(fmt::format("{}: model_type: {} is not supported; it may be {}", file,
                                    text::shown(type->dump(-1, ' ', false, json::error_handler_t::replace)),
                                    fmt::join(known, ", ")));
}

} // namespace gradus::scenario
