// SPDX-License-Identifier: Apache-2.0
#include "platform/report/html/embed.h"

#include <nlohmann/json.hpp>

namespace gradus::report {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view place_of_data = ">DATA<";

/// Inside of a script element only "<" can do harm.
std::string harmless(const Json& data) {
    std::string text;
    for (const char character : data.dump(-1, ' ', false, Json::error_handler_t::replace))
        if (character == '<')
            text += "\\u003c";
        else
            text += character;
    return text;
}

} // namespace

std::string with_data(std::string_view page, const Json& data) {
    const std::size_t place = page.find(place_of_data) + 1;
    std::string text(page.substr(0, place));
    text += harmless(data);
    text += page.substr(place + place_of_data.size() - 2);
    return text;
}

} // namespace gradus::report
