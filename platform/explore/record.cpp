// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/record.h"

#include <utility>

#include <nlohmann/json.hpp>
#include <zlib.h>

namespace gradus::explore {

using Json = nlohmann::ordered_json;

std::string pack(const Record& record) {
    Json json;
    json["end"] = static_cast<int>(record.end);
    json["message"] = record.message;
    json["figures"] = record.figures;
    json["log"] = record.log;
    json["wall_seconds"] = record.wall_seconds;
    json["cpu_seconds"] = record.cpu_seconds;
    json["peak_memory_bytes"] = record.peak_memory_bytes;
    json["result_bytes"] = record.result.size();
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n' + record.result;
}

Record unpack(std::string text) {
    const std::size_t end = text.find('\n');
    if (end == std::string::npos) throw BadRecord("this is no record of a point");
    try {
        const Json json = Json::parse(text.substr(0, end));
        Record record;
        record.end = static_cast<End>(json.at("end").get<int>());
        record.message = json.at("message").get<std::string>();
        record.figures = json.at("figures").get<std::vector<double>>();
        record.log = json.at("log").get<std::string>();
        record.wall_seconds = json.at("wall_seconds").get<double>();
        record.cpu_seconds = json.at("cpu_seconds").get<double>();
        record.peak_memory_bytes = json.at("peak_memory_bytes").get<std::uint64_t>();
        record.result = std::move(text.erase(0, end + 1));
        if (record.result.size() != json.at("result_bytes").get<std::size_t>())
            throw BadRecord("the record of a point is cut off");
        return record;
    } catch (const Json::exception&) {
        throw BadRecord("this is no record of a point");
    }
}

std::string compress(const std::string& text) {
    uLongf bytes = compressBound(text.size());
    std::string compressed(bytes, '\0');
    const int status = compress2(reinterpret_cast<Bytef*>(compressed.data()), &bytes,
                                 reinterpret_cast<const Bytef*>(text.data()), text.size(), Z_BEST_SPEED);
    if (status != Z_OK) throw std::runtime_error("the result could not be compressed");
    compressed.resize(bytes);
    return compressed;
}

} // namespace gradus::explore
