// SPDX-License-Identifier: Apache-2.0
#include "platform/report/html/page.h"

#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "platform/report/html/condense.h"
#include "platform/report/html/embed.h"
#include "platform/report/html/shape.h"
#include "platform/scenario/schema.h"

extern "C" {
extern const char gradus_report_page_begin[];
extern const char gradus_report_page_end[];
}

namespace gradus::report {

namespace {

using Json = nlohmann::ordered_json;

/// What keys of a scenario mean. The page knows none of them.
Json parameters_json() {
    Json parameters = Json::array();
    for (const scenario::Parameter& parameter : scenario::schema()) {
        Json entry;
        entry["key"] = parameter.key;
        entry["unit"] = parameter.unit;
        entry["help"] = parameter.help;
        std::visit([&](const auto& value) { entry["default"] = value; }, parameter.default_value());
        parameters.push_back(std::move(entry));
    }
    return parameters;
}

Json parsed(const ResultText& text) {
    try {
        return parse_result(text.json);
    } catch (const PageError& error) {
        throw PageError(fmt::format("{}: {}", text.name, error.what()));
    }
}

} // namespace

std::string report_page(const std::vector<ResultText>& results) {
    Json data;
    data["parameters"] = parameters_json();
    data["results"] = Json::array();
    for (const ResultText& text : results)
        data["results"].push_back({{"name", text.name}, {"result", condensed(parsed(text))}});

    return with_data(
        {gradus_report_page_begin, static_cast<std::size_t>(gradus_report_page_end - gradus_report_page_begin)}, data);
}

} // namespace gradus::report
