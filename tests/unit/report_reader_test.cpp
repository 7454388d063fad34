// SPDX-License-Identifier: Apache-2.0
#include "platform/report/result_reader.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gradus::report::report_reader_test {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::HasSubstr;

struct Read {
    Json document;
    std::vector<Json> steps;
};

Read read(const std::string& json, std::size_t most_tokens = most_result_tokens) {
    Read read;
    std::istringstream text(json);
    read.document = read_result(
        text,
        [&](std::size_t index, Json& step) {
            EXPECT_EQ(index, read.steps.size());
            read.steps.push_back(std::move(step));
        },
        most_tokens);
    return read;
}

std::string message_of(const std::string& json, std::size_t most_tokens = most_result_tokens) {
    try {
        read(json, most_tokens);
    } catch (const UnreadableResult& error) {
        return error.what();
    }
    return "no error";
}

TEST(ResultReader, ShowsEachStepOnceAndKeepsEverythingElse) {
    const Read result =
        read(R"({"a": {"steps": [1, {"b": 2}]}, "steps": [{"s": {"x": [1, [2]]}}, 7, [3], null], "z": [4]})");
    EXPECT_EQ(result.document, Json::parse(R"({"a": {"steps": [1, {"b": 2}]}, "steps": [], "z": [4]})"));
    EXPECT_EQ(Json(result.steps), Json::parse(R"([{"s": {"x": [1, [2]]}}, 7, [3], null])"));
}

TEST(ResultReader, StepsThatAreNoListAreKept) {
    EXPECT_EQ(read(R"({"steps": {"a": [1]}, "b": [2]})").document, Json::parse(R"({"steps": {"a": [1]}, "b": [2]})"));
    EXPECT_EQ(read(R"([["steps"], [1]])").document, Json::parse(R"([["steps"], [1]])"));
    EXPECT_EQ(read("7").document, 7);
}

TEST(ResultReader, RefusesWhatIsNotJsonOrNestedTooDeeply) {
    EXPECT_THAT(message_of("{"), HasSubstr("this is not JSON"));
    EXPECT_THAT(message_of(std::string(100'000, '[')), HasSubstr("nested too deeply"));
    EXPECT_THAT(message_of(R"({"steps": [{"a": )" + std::string(20, '[')), HasSubstr("nested too deeply"));
}

TEST(ResultReader, BoundsEverythingButSteps) {
    const std::string list = "[0, 1, 2, 3, 4, 5, 6]"; // nine, with its beginning and its end
    EXPECT_THAT(message_of(list, 8), HasSubstr("larger than a result can be"));
    EXPECT_EQ(message_of(list, 9), "no error");
    const std::string steps = "{\"steps\": " + list + "}"; // its own beginning and end, the key, the end of the list
    EXPECT_EQ(message_of(steps, 4), "no error") << "there may be any number of steps";
    EXPECT_THAT(message_of(steps, 3), HasSubstr("larger than a result can be"));
}

} // namespace
} // namespace gradus::report::report_reader_test
