// SPDX-License-Identifier: Apache-2.0
#include "platform/report/html/page.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "platform/report/html/condense.h"
#include "platform/report/html/embed.h"
#include "platform/report/html/parameters.h"
#include "platform/report/html/shape.h"

namespace gradus::report {

namespace {

using Json = nlohmann::ordered_json;

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

    return with_data(Page::report, data);
}

} // namespace gradus::report
