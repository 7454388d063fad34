// SPDX-License-Identifier: Apache-2.0
#include "platform/weights/source.h"

#include <filesystem>
#include <fstream>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "platform/scenario/read_file.h"

namespace gradus::weights {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using scenario::shown;

constexpr std::uint64_t largest_index = 16u << 20;
constexpr int deepest_index = 4;

/// File names of the shards. Throws WeightsError.
std::set<std::string> shards_of(const std::string& index) {
    const auto fail = [&](const char* what) { throw WeightsError(fmt::format("'{}': {}", shown(index), what)); };
    const auto bounded = [&](int depth, json::parse_event_t, json&) {
        if (depth > deepest_index) fail("is nested too deep");
        return true;
    };
    json content;
    try {
        content = json::parse(scenario::read_file(index, largest_index), bounded);
    } catch (const json::exception&) {
        fail("is no JSON");
    }
    if (!content.is_object() || !content.contains("weight_map") || !content.at("weight_map").is_object())
        fail("has no object weight_map");
    std::set<std::string> shards;
    for (const auto& [tensor, file] : content.at("weight_map").items()) {
        // A name and no path: what lies outside of the folder is nobody's shard.
        if (!file.is_string() || file.get<std::string>().find('/') != std::string::npos)
            fail("its weight_map says of every tensor in which file of the same folder it is");
        shards.insert(file.get<std::string>());
    }
    if (shards.empty()) fail("lists no files");
    return shards;
}

} // namespace

Source::Source(const std::string& path) : path_(path) {
    std::error_code error;
    const std::string index = (fs::path(path) / "model.safetensors.index.json").string();
    const std::string single = (fs::path(path) / "model.safetensors").string();
    if (!fs::is_directory(path, error))
        add_file(path);
    else if (fs::exists(index, error))
        add_shards(path, index);
    else if (fs::exists(single, error))
        add_file(single);
    else
        throw WeightsError(fmt::format(
            "the folder '{}' holds neither model.safetensors nor model.safetensors.index.json", shown(path)));
}

void Source::add_file(const std::string& path) {
    auto file = std::make_unique<std::ifstream>(scenario::seekable_path(path), std::ios::binary);
    files_.emplace_back(std::move(file), path);
    for (const auto& [name, tensor] : files_.back().header().tensors)
        if (!file_of_.emplace(name, files_.size() - 1).second)
            throw WeightsError(fmt::format("'{}': tensor '{}' is in another shard, too", shown(path), shown(name)));
}

void Source::add_shards(const std::string& folder, const std::string& index) {
    for (const std::string& shard : shards_of(index))
        add_file((fs::path(folder) / shard).string());
}

} // namespace gradus::weights
