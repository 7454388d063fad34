// SPDX-License-Identifier: Apache-2.0
#include "platform/report/html/page.h"

#include <algorithm>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "platform/report/html/condense.h"
#include "platform/report/html/shape.h"
#include "platform/report/json.h"
#include "tests/unit/report_fixture.h"

namespace gradus::report::report_page_test {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Json a_result(unsigned steps = 3) {
    return Json::parse(to_json(report_fixture::a_random_result(1, steps), report_fixture::a_schedule()));
}

std::string page_of(const std::string& name, const std::string& json) {
    std::istringstream text(json);
    ReportPage page;
    page.add(name, text);
    return page.text();
}

Json condensed_text(const std::string& json) {
    std::istringstream text(json);
    return condensed(parse_result(text));
}

std::string message_of(const std::string& text) {
    try {
        page_of("some/result.json", text);
    } catch (const PageError& error) {
        return error.what();
    }
    return "no error";
}

TEST(ReportPage, HoldsItsDataAndLoadsNothing) {
    const std::string page = page_of("some/result.json", a_result().dump());
    EXPECT_THAT(page, StartsWith("<!doctype html>"));
    EXPECT_THAT(page, HasSubstr("\"some/result.json\""));
    EXPECT_THAT(page, HasSubstr("default-src 'none'"));
    EXPECT_THAT(page, Not(HasSubstr("<script src")));
    EXPECT_THAT(page, Not(HasSubstr("<link")));
}

TEST(ReportPage, NamesFromAResultCannotEndItsData) {
    Json result = a_result();
    result["scenario"]["name"] = "</script><script>alert(1)</script><!--";
    const std::string page = page_of("</script>", result.dump());
    EXPECT_THAT(page, HasSubstr("\\u003c/script>\\u003cscript>alert(1)"));
    EXPECT_THAT(page, Not(HasSubstr("alert(1)</script>")));
}

TEST(ReportPage, HoldsTheWarningsOfAResultAndDoesWithoutThem) {
    Json result = a_result();
    result["warnings"] = {"the loss is nan at step 3"};
    EXPECT_THAT(page_of("result.json", result.dump()), HasSubstr("\"the loss is nan at step 3\""));
    result.erase("warnings"); // as older results
    EXPECT_EQ(message_of(result.dump()), "no error");
}

TEST(ReportPage, EveryFieldThatIsMissingOrOfAnotherTypeIsNamed) {
    // One value of each kind of field in turn becomes true, which no field that reports read can be. What they do not
    // read may be anything.
    const Json result = a_result();
    const Json places = result.flatten();
    std::size_t refused = 0;
    std::set<std::string> kinds;
    for (const auto& item : places.items()) {
        std::string kind = item.key(); // one element of a list is as good as another
        kind.erase(std::remove_if(kind.begin(), kind.end(), [](char c) { return c >= '0' && c <= '9'; }), kind.end());
        if (!kinds.insert(kind).second) continue;
        Json changed = result;
        changed[Json::json_pointer(item.key())] = true;
        const std::string message = message_of(changed.dump());
        if (message == "no error") continue;
        ++refused;
        EXPECT_THAT(message, StartsWith("some/result.json: this is no result: "));
    }
    EXPECT_GT(refused, 60u);
}

TEST(ReportPage, WhatIsNoResultIsRefusedInOneLine) {
    EXPECT_THAT(message_of(""), HasSubstr("this is not JSON"));
    EXPECT_THAT(message_of("[]"), HasSubstr("gradus.result/1"));
    EXPECT_THAT(message_of(R"({"schema": "gradus.result/2"})"), HasSubstr("gradus.result/1"));
    EXPECT_THAT(message_of(R"({"schema": "gradus.result/1"})"), HasSubstr("scenario is missing"));
    EXPECT_THAT(message_of(std::string(1'000'000, '[')), HasSubstr("nested too deeply"));
    Json result = a_result();
    result["steps"][1]["time_ps"] = "long";
    EXPECT_EQ(message_of(result.dump()),
              "some/result.json: this is no result: steps[1].time_ps: a number is expected, not a text");
    result["steps"][1] = 7;
    EXPECT_EQ(message_of(result.dump()),
              "some/result.json: this is no result: steps[1]: an object is expected, not a number");
    result["steps"] = Json::object();
    EXPECT_EQ(message_of(result.dump()),
              "some/result.json: this is no result: steps: a list is expected, not an object");
    result["steps"] = Json::array();
    result["units"][0]["name"] = 7;
    EXPECT_EQ(message_of(result.dump()),
              "some/result.json: this is no result: units[0].name: a text is expected, not a number");
}

TEST(ReportPage, StepsBecomeWindowsOfEqualLengthThatLoseNoTime) {
    Json result = a_result(1);
    const Json step = result["steps"][0];
    result["steps"] = Json::array();
    for (unsigned i = 0; i < 2500; ++i) {
        result["steps"].push_back(step);
        result["steps"].back()["step"] = i;
        result["steps"].back()["loss"] = i < 3 ? Json(1.0 + i) : Json(nullptr);
    }
    const Json windows = condensed_text(result.dump())["steps"];
    ASSERT_EQ(windows.size(), 834u);
    EXPECT_EQ(windows[0]["count"], 3);
    EXPECT_EQ(windows[0]["loss"], 2.0);
    EXPECT_EQ(windows[0]["least_loss"], 1.0);
    EXPECT_EQ(windows[0]["largest_loss"], 3.0);
    EXPECT_TRUE(windows[1]["loss"].is_null());
    EXPECT_EQ(windows.back()["first"], 2499);
    double time = 0;
    for (const Json& window : windows)
        time += window["time_ps"].get<double>();
    EXPECT_EQ(time, 2500 * step["time_ps"].get<double>());
}

TEST(ReportPage, ActivationsAreAliveFromWhereTheOperatorsBeforeHaveBeenCharged) {
    Json result = a_result(2);
    Json op = result["ops"][1];
    result["ops"] = Json::array();
    for (const auto& [number, phase, time_ps] :
         {std::tuple{0, "forward", 40}, {1, "forward", 60}, {0, "generate", 999}, {2, "backward", 20}}) {
        op["op"] = number;
        op["phase"] = phase;
        op["time_ps"] = time_ps;
        result["ops"].push_back(op);
    }
    result["memory_plan"]["activation_bytes_by_op"] = {100, 300, 200};
    const Json alive = condensed_text(result.dump())["alive"];
    EXPECT_EQ(alive["course"], Json::parse("[[0.0, 100], [20.0, 300], [50.0, 200]]"));
    EXPECT_EQ(alive["length_ps"], 60);
    result["totals"]["steps"] = 0;
    EXPECT_TRUE(condensed_text(result.dump())["alive"].is_null()) << "no step, no course of one";
}

TEST(ReportPage, VeryManyOperatorsAreSummedUpByPhaseLayerAndKind) {
    Json result = a_result();
    const Json op = result["ops"][1];
    result["ops"] = Json::array();
    for (unsigned i = 0; i < 4000; ++i) {
        result["ops"].push_back(op);
        result["ops"].back()["layer"] = i % 10;
    }
    const Json page = condensed_text(result.dump());
    EXPECT_EQ(page["ops_are_groups"], true);
    EXPECT_EQ(page["op_count"], 4000);
    ASSERT_EQ(page["ops"].size(), 10u);
    EXPECT_EQ(page["ops"][0]["time_ps"].get<double>(), 400 * op["time_ps"].get<double>());
}

} // namespace
} // namespace gradus::report::report_page_test
