// SPDX-License-Identifier: Apache-2.0
// Figures for people: the same digits in the program's texts as on its pages. tests/support/written_figures.csv derives
// each of them.
#include "platform/report/human.h"

#include <fstream>
#include <functional>
#include <map>
#include <string>

#include <gtest/gtest.h>

namespace {

using namespace gradus;

using Writer = std::function<std::string(double)>;

TEST(Human, WritesFiguresInTheDigitsOfThePages) {
    const std::map<std::string, Writer> writers = {
        {"time", [](double value) { return report::human_time(static_cast<ip::Picoseconds>(value)); }},
        {"count", report::human_count},
        {"percent", report::human_percent},
        {"bytes", report::human_bytes},
        {"capacity", [](double value) { return report::human_capacity(static_cast<ip::Bytes>(value)); }},
        {"rate", [](double value) { return report::human_rate(value, "tokens"); }},
        {"energy", report::human_energy},
        {"power", report::human_power}};
    std::ifstream file("tests/support/written_figures.csv");
    ASSERT_TRUE(file);
    int figures = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.front() == '#') continue;
        const std::size_t value = line.find(',') + 1;
        const std::size_t text = line.find(',', value) + 1;
        EXPECT_EQ(writers.at(line.substr(0, value - 1))(std::stod(line.substr(value))), line.substr(text)) << line;
        ++figures;
    }
    EXPECT_GT(figures, 20);
}

} // namespace
