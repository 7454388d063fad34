// SPDX-License-Identifier: Apache-2.0
#include "platform/validate/reference.h"

#include <cmath>

namespace gradus::validate {

double Check::error() const {
    if (expected == ours) return 0;
    return (ours - expected) / std::abs(expected);
}

// Also a number that is none.
bool Check::failed() const { return tolerance && !(std::abs(error()) <= *tolerance); }

Reference described_by(const Table& table) {
    return {table.about("name"), table.about("source"), table.about("compared"), table.about("note"), {}};
}

} // namespace gradus::validate
