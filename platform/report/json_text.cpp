// SPDX-License-Identifier: Apache-2.0
#include "platform/report/json_text.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace gradus::report {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t longest_line = 120;

void append_quoted(const std::string& text, std::string& line) {
    const bool as_it_is = std::all_of(
        text.begin(), text.end(), [](char each) { return each >= ' ' && each <= '~' && each != '"' && each != '\\'; });
    if (as_it_is)
        line.append(1, '"').append(text).append(1, '"');
    else
        line += Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// A value without structure. Json::dump() costs a microsecond a call; most values are integers and plain words.
void append_plain(const Json& value, std::string& line) {
    const auto append_integer = [&](auto number) {
        const fmt::format_int digits(number);
        line.append(digits.data(), digits.size());
    };
    if (value.is_number_unsigned())
        append_integer(value.get_ref<const Json::number_unsigned_t&>());
    else if (value.is_number_integer())
        append_integer(value.get_ref<const Json::number_integer_t&>());
    else if (value.is_string())
        append_quoted(value.get_ref<const std::string&>(), line);
    else
        line += value.dump();
}

void append_label(const Json& container, const Json::const_iterator& entry, std::string& line) {
    if (!container.is_object()) return;
    append_quoted(entry.key(), line);
    line += ": ";
}

/// Appends the container as one line, if that is short and holds plain values only.
bool append_on_one_line(const Json& container, std::size_t column, std::string& text) {
    const std::size_t begin = text.size();
    text += container.is_object() ? '{' : '[';
    for (auto each = container.begin(); each != container.end(); ++each) {
        const bool fits = !each->is_structured() || each->empty();
        if (fits && text.size() - begin > 1) text += ", ";
        if (fits) append_label(container, each, text);
        if (fits) append_plain(*each, text);
        if (!fits || column + text.size() - begin >= longest_line) {
            text.resize(begin);
            return false;
        }
    }
    text += container.is_object() ? '}' : ']';
    return true;
}

/// Long lists of numbers fill their lines.
bool is_long_series(const Json& container) {
    return container.is_array() && container.size() > 12 &&
           std::all_of(container.begin(), container.end(), [](const Json& each) { return each.is_number(); });
}

void append_filled(const Json& series, std::size_t indent, std::string& text) {
    text += '[';
    std::size_t begin = 0; // of the line
    std::string number;
    for (const Json& each : series) {
        number.clear();
        append_plain(each, number);
        if (begin != 0) text += ',';
        if (begin == 0 || text.size() - begin + 1 + number.size() >= longest_line) {
            begin = text.size();
            text.append(1, '\n').append(indent + 2, ' ');
        } else {
            text += ' ';
        }
        text += number;
    }
    text.append(1, '\n').append(indent, ' ').append(1, ']');
}

// The depth of the documents written here is fixed by the program, not by its input.
void append(const Json& value, std::size_t indent, std::size_t column, std::string& text) {
    if (!value.is_structured()) {
        append_plain(value, text);
        return;
    }
    if (append_on_one_line(value, column, text)) return;
    if (is_long_series(value)) {
        append_filled(value, indent, text);
        return;
    }
    text += value.is_object() ? '{' : '[';
    const char* separator = "\n";
    for (auto each = value.begin(); each != value.end(); ++each) {
        text += separator;
        const std::size_t begin = text.size();
        text.append(indent + 2, ' ');
        append_label(value, each, text);
        append(*each, indent + 2, text.size() - begin, text);
        separator = ",\n";
    }
    text.append(1, '\n').append(indent, ' ').append(1, value.is_object() ? '}' : ']');
}

} // namespace

std::string json_text(const Json& json) {
    std::string text;
    append(json, 0, 0, text);
    return text + "\n";
}

void ObjectText::begin_member(const std::string& name, std::string& text) {
    text += first_ ? "{\n  " : ",\n  ";
    first_ = false;
    append_quoted(name, text);
    text += ": ";
}

void ObjectText::member(const std::string& name, const Json& value) {
    std::string text;
    begin_member(name, text);
    append(value, 2, text.size() - text.find('\n') - 1, text);
    sink_(text);
}

void ObjectText::begin_list(const std::string& name) {
    std::string text;
    begin_member(name, text);
    sink_(text + '[');
    first_element_ = true;
}

void ObjectText::element(const Json& value) {
    std::string text = first_element_ ? "\n    " : ",\n    ";
    first_element_ = false;
    append(value, 4, 4, text);
    sink_(text);
}

void ObjectText::end_list() { sink_(first_element_ ? "]" : "\n  ]"); }

void ObjectText::end() { sink_("\n}\n"); }

} // namespace gradus::report
