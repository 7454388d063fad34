// SPDX-License-Identifier: Apache-2.0
// report.html: one or several results as one file that needs no other and loads nothing from anywhere. The page itself
// stands in page/ and is part of the program; what is done here is to check what comes from outside, to condense it,
// and to put it into the page.
//
//   result.json ──► shape.h: is it one? ──► condense.h: what the page shows, bounded ──► data inside the page
//
// Nothing of a result can become part of the page's code: data is JSON in which "<" is escaped.
#pragma once

#include <cstddef>
#include <istream>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

namespace gradus::report {

/// A text that is no result, as one message for people: what stands where, and what would be right.
class PageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class ReportPage {
public:
    ReportPage();
    /// `json` is a whole result.json, which is read once; `name` is for people: a path. Throws PageError that begins
    /// with the name.
    void add(const std::string& name, std::istream& json);
    /// Why each result but the first differs from it, as `causes` of a comparison (doc/what-if.md).
    void explain(const nlohmann::ordered_json& causes) { data_["causes"] = causes; }
    std::string text() const;

private:
    nlohmann::ordered_json data_;
};

inline constexpr std::size_t most_results = 8; ///< that fit side by side

} // namespace gradus::report
