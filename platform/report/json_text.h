// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace gradus::report {

/// Indented by two blanks and ending in a line feed, but a list or an object of plain values stands on one line where
/// that is no longer than 120 columns, and long lists of numbers fill lines of that length. Text that is not UTF-8 has
/// its broken bytes replaced by U+FFFD.
std::string json_text(const nlohmann::ordered_json& json);

/// Takes a text piece by piece.
using TextSink = std::function<void(std::string_view)>;

/// The text of an object, as json_text() has it, of members that come one by one and need not be there all at once. The
/// object has to be too long for one line.
class ObjectText {
public:
    explicit ObjectText(TextSink sink) : sink_(std::move(sink)) {}

    void member(const std::string& name, const nlohmann::ordered_json& value);
    /// A list, of elements that come one by one. They have to be objects or lists that are not empty.
    void begin_list(const std::string& name);
    void element(const nlohmann::ordered_json& value);
    void end_list();
    void end();

private:
    void begin_member(const std::string& name, std::string& text);

    TextSink sink_;
    bool first_ = true; ///< of the members, of the elements of a list
    bool first_element_ = true;
};

} // namespace gradus::report
