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

Read read(const std::string& json) {
    Read read;
    std::istringstream text(json);
    read.document = read_result(text, [&](std::size_t index, Json& step) {
        EXPECT_EQ(index, read.steps.size());
        read.steps.push_back(std::move(step));
    });
    return read;
}

std::string message_of(const std::string& json) {
    try {
        read(json);
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

TEST(ResultReader, RefusesWhatIsNotJsonNestedTooDeeplyOrTooLarge) {
    EXPECT_THAT(message_of("{"), HasSubstr("this is not JSON"));
    EXPECT_THAT(message_of(std::string(100'000, '[')), HasSubstr("nested too deeply"));
    EXPECT_THAT(message_of(R"({"steps": [{"a": )" + std::string(20, '[')), HasSubstr("nested too deeply"));
    std::string many = "[0";
    for (int i = 0; i < (17 << 20); ++i)
        many += ",0";
    EXPECT_THAT(message_of(many + "]"), HasSubstr("larger than a result can be"));
    EXPECT_EQ(message_of("{\"steps\": " + many + "]}"), "no error") << "there may be any number of steps";
}

} // namespace
} // namespace gradus::report::report_reader_test
