// SPDX-License-Identifier: Apache-2.0
#include "platform/report/html/page.h"

#include <fmt/format.h>

#include "platform/report/html/condense.h"
#include "platform/report/html/embed.h"
#include "platform/report/html/parameters.h"
#include "platform/report/html/shape.h"

namespace gradus::report {

ReportPage::ReportPage() {
    data_["parameters"] = parameters_json();
    data_["results"] = nlohmann::ordered_json::array();
}

void ReportPage::add(const std::string& name, std::istream& json) {
    try {
        data_["results"].push_back({{"name", name}, {"result", condensed(parse_result(json))}});
    } catch (const PageError& error) {
        throw PageError(fmt::format("{}: {}", name, error.what()));
    }
}

std::string ReportPage::text() const { return with_data(Page::report, data_); }

} // namespace gradus::report
