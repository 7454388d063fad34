// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/result_file.h"

#include <fstream>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "platform/report/human.h"
#include "platform/report/result_reader.h"
#include "platform/scenario/read_file.h"

namespace gradus::explore {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t title_width = 200;

std::string shown(const std::string& title) { return report::plain(title, title_width); }

[[noreturn]] void fail_missing(const std::string& title, const std::string& what, const char* kind) {
    throw ResultError(fmt::format("{}: this result has no {} {}", shown(title), kind, report::plain(what, 80)));
}

ResultFile parsed(ResultFile file) {
    Json last;
    try {
        file.result = report::read_result(file.text_again(), [&](std::size_t, Json& step) { last = std::move(step); });
    } catch (const report::UnreadableResult& error) {
        throw ResultError(fmt::format("{}: {}", shown(file.title), report::plain(error.what(), 200)));
    }
    Json& json = file.result;
    if (!json.is_object() || !json.contains("schema") || json["schema"] != "gradus.result/1")
        throw ResultError(fmt::format("{}: not a result of gradus run (schema gradus.result/1)", shown(file.title)));
    if (!last.is_null()) json["steps"] = Json::array({std::move(last)});
    return file;
}

} // namespace

double ResultFile::number(const std::string& pointer) const {
    const Json::json_pointer at(pointer);
    if (!result.contains(at) || !result.at(at).is_number()) fail_missing(title, pointer, "number");
    return result.at(at).get<double>();
}

const Json& ResultFile::list(const std::string& pointer) const {
    const Json::json_pointer at(pointer);
    if (!result.contains(at) || !result.at(at).is_array()) fail_missing(title, pointer, "list");
    return result.at(at);
}

const Json& ResultFile::object(const std::string& pointer) const {
    const Json::json_pointer at(pointer);
    if (!result.contains(at) || !result.at(at).is_object()) fail_missing(title, pointer, "object");
    return result.at(at);
}

std::string ResultFile::text(const std::string& pointer) const {
    const Json::json_pointer at(pointer);
    return result.contains(at) && result.at(at).is_string() ? result.at(at).get<std::string>() : "";
}

double ResultFile::number(const Json& entry, const std::string& name) const {
    const auto found = entry.is_object() ? entry.find(name) : entry.end();
    if (!entry.is_object() || found == entry.end() || !found->is_number()) fail_missing(title, name, "number");
    return found->get<double>();
}

std::string ResultFile::text(const Json& entry, const std::string& name) const {
    const auto found = entry.is_object() ? entry.find(name) : entry.end();
    if (!entry.is_object() || found == entry.end() || !found->is_string()) fail_missing(title, name, "text");
    return found->get<std::string>();
}

std::istream& ResultFile::text_again() const {
    text_stream->clear();
    text_stream->seekg(0);
    return *text_stream;
}

ResultFile parse_result(const std::string& title, const std::string& text) {
    return parsed({title, {}, std::make_shared<std::istringstream>(text)});
}

ResultFile read_result(const std::string& path) {
    auto file = std::make_shared<std::ifstream>(scenario::seekable_path(path), std::ios::binary);
    if (file->peek() == std::ifstream::traits_type::eof())
        throw ResultError(fmt::format("{}: the file is empty", shown(path)));
    return parsed({path, {}, std::move(file)});
}

} // namespace gradus::explore
