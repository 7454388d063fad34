// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace gradus::report {

/// What the keys of a scenario mean, for pages, which know none of them: [{"key", "unit", "help", "default"}].
nlohmann::ordered_json parameters_json();

} // namespace gradus::report
