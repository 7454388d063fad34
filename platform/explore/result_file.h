// SPDX-License-Identifier: Apache-2.0
// A result.json that somebody hands in: read once, asked for figures that may not be there.
#pragma once

#include <istream>
#include <memory>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

namespace gradus::explore {

/// A file that is no result, as one message for people.
class ResultError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct ResultFile {
    std::string title;             ///< what people call it: a path, until somebody finds a shorter name
    nlohmann::ordered_json result; ///< of the schema gradus.result/1; of its steps only the last
    std::shared_ptr<std::istream> text_stream{};

    /// The number at a JSON pointer ("/totals/time_ps"). Throws ResultError where there is none.
    double number(const std::string& pointer) const;
    /// The list at a JSON pointer. Throws ResultError where there is none.
    const nlohmann::ordered_json& list(const std::string& pointer) const;
    /// The object at a JSON pointer. Throws ResultError where there is none.
    const nlohmann::ordered_json& object(const std::string& pointer) const;
    /// The text at a JSON pointer; empty where there is none.
    std::string text(const std::string& pointer) const;
    /// The number under `name` of an entry of one of its lists. Throws ResultError where there is none.
    double number(const nlohmann::ordered_json& entry, const std::string& name) const;
    /// The text under `name` of an entry of one of its lists. Throws ResultError where there is none.
    std::string text(const nlohmann::ordered_json& entry, const std::string& name) const;
    /// All of the text, from its beginning; of a file, even if it has lost its name meanwhile.
    std::istream& text_again() const;
};

/// Throws scenario::FileError for a file that cannot be read, ResultError for one that is no JSON, or not a result.
ResultFile read_result(const std::string& path);
/// `text` as run_points() answers it.
ResultFile parse_result(const std::string& title, const std::string& text);

} // namespace gradus::explore
