// SPDX-License-Identifier: Apache-2.0
#include "platform/explore/whatif_report.h"

#include <nlohmann/json.hpp>

#include "platform/report/html/embed.h"
#include "platform/report/html/parameters.h"

namespace gradus::explore {

std::string whatif_report(const nlohmann::ordered_json& outcome) {
    nlohmann::ordered_json data;
    data["outcome"] = outcome;
    data["parameters"] = report::parameters_json();
    return report::with_data(report::Page::whatif, data);
}

} // namespace gradus::explore
