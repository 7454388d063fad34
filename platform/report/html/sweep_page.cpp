// SPDX-License-Identifier: Apache-2.0
#include "platform/report/html/sweep_page.h"

#include <nlohmann/json.hpp>

#include "platform/report/html/embed.h"

extern "C" {
extern const char gradus_sweep_page_begin[];
extern const char gradus_sweep_page_end[];
}

namespace gradus::report {

std::string sweep_page(const nlohmann::ordered_json& sweep) {
    return with_data(
        {gradus_sweep_page_begin, static_cast<std::size_t>(gradus_sweep_page_end - gradus_sweep_page_begin)}, sweep);
}

} // namespace gradus::report
