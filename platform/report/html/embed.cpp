// SPDX-License-Identifier: Apache-2.0
#include "platform/report/html/embed.h"

#include <string_view>

#include <nlohmann/json.hpp>

extern "C" {
extern const char gradus_report_page_begin[];
extern const char gradus_report_page_end[];
extern const char gradus_sweep_page_begin[];
extern const char gradus_sweep_page_end[];
extern const char gradus_whatif_page_begin[];
extern const char gradus_whatif_page_end[];
}

namespace gradus::report {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view place_of_data = ">DATA<";

std::string_view bundled(Page page) {
    const auto between = [](const char* begin, const char* end) {
        return std::string_view(begin, static_cast<std::size_t>(end - begin));
    };
    switch (page) {
    case Page::sweep:
        return between(gradus_sweep_page_begin, gradus_sweep_page_end);
    case Page::whatif:
        return between(gradus_whatif_page_begin, gradus_whatif_page_end);
    case Page::report:
        break;
    }
    return between(gradus_report_page_begin, gradus_report_page_end);
}

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

std::string with_data(Page page, const Json& data) {
    const std::string_view bundle = bundled(page);
    const std::size_t place = bundle.find(place_of_data) + 1;
    std::string text(bundle.substr(0, place));
    text += harmless(data);
    text += bundle.substr(place + place_of_data.size() - 2);
    return text;
}

} // namespace gradus::report
