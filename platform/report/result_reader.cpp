// SPDX-License-Identifier: Apache-2.0
#include "platform/report/result_reader.h"

#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "platform/report/human.h"

namespace gradus::report {

namespace {

using Json = nlohmann::ordered_json;
using Event = Json::parse_event_t;

constexpr int deepest = 16;
constexpr std::size_t message_width = 200;
constexpr std::size_t most_members = 4096; // of an object, in which one is found as slowly as there are many

/// Hears what is parsed, and decides what is kept.
class Filter {
public:
    Filter(const StepVisitor& visit, std::size_t most_tokens) : visit_(visit), most_tokens_(most_tokens) {}

    bool keep(int depth, Event event, Json& parsed) {
        if (depth > deepest) throw UnreadableResult("this is no result: it is nested too deeply");
        count_members(depth, event);
        if (depth == 1 && event == Event::key) named_steps_ = parsed == "steps";
        if (depth == 1 && event == Event::array_start) in_steps_ = named_steps_;
        if (depth == 1 && event == Event::array_end) in_steps_ = false;
        if (in_steps_ && depth == 2 && is_whole(event)) {
            visit_(index_++, parsed);
            return false;
        }
        if (!in_steps_ && ++tokens_ > most_tokens_)
            throw UnreadableResult("this is no result: it is larger than a result can be");
        return true;
    }

private:
    static bool is_whole(Event event) {
        return event == Event::value || event == Event::object_end || event == Event::array_end;
    }

    void count_members(int depth, Event event) {
        auto& members = members_[static_cast<std::size_t>(depth)];
        if (event == Event::object_start && depth < deepest) members_[static_cast<std::size_t>(depth) + 1] = 0;
        if (event == Event::key && ++members > most_members)
            throw UnreadableResult(
                fmt::format("this is no result: one of its objects has more than {} members", most_members));
    }

    const StepVisitor& visit_;
    std::size_t most_tokens_;
    std::array<std::size_t, deepest + 1> members_{}; ///< of the object that is open at each depth
    bool named_steps_ = false;                       ///< the last key of the document
    bool in_steps_ = false;
    std::size_t index_ = 0;
    std::size_t tokens_ = 0;
};

} // namespace

Json read_result(std::istream& text, const StepVisitor& visit, std::size_t most_tokens) {
    Filter filter(visit, most_tokens);
    try {
        return Json::parse(text,
                           [&](int depth, Event event, Json& parsed) { return filter.keep(depth, event, parsed); });
    } catch (const Json::exception& error) {
        throw UnreadableResult(fmt::format("this is not JSON: {}", plain(error.what(), message_width)));
    }
}

} // namespace gradus::report
