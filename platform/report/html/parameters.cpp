// SPDX-License-Identifier: Apache-2.0
#include "platform/report/html/parameters.h"

#include <variant>

#include <nlohmann/json.hpp>

#include "platform/scenario/schema.h"

namespace gradus::report {

nlohmann::ordered_json parameters_json() {
    nlohmann::ordered_json parameters = nlohmann::ordered_json::array();
    for (const scenario::Parameter& parameter : scenario::schema()) {
        nlohmann::ordered_json entry;
        entry["key"] = parameter.key;
        entry["unit"] = parameter.unit;
        entry["help"] = parameter.help;
        std::visit([&](const auto& value) { entry["default"] = value; }, parameter.default_value());
        parameters.push_back(std::move(entry));
    }
    return parameters;
}

} // namespace gradus::report
