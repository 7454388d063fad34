// SPDX-License-Identifier: Apache-2.0
// gradus compare: results side by side, and where the difference comes from.
#include <cstdio>
#include <filesystem>

#include <boost/program_options/value_semantic.hpp>
#include <fmt/format.h>

#include "platform/cli/output.h"
#include "platform/cli/simulations.h"
#include "platform/explore/compare.h"
#include "platform/report/file.h"
#include "platform/report/html/page.h"
#include "platform/report/json_text.h"
#include "platform/scenario/load.h"
#include "platform/validate/measure.h"

namespace gradus::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_results = 8;

Options compare_options() {
    namespace po = boost::program_options;
    Options options;
    add_scenario_options(options);
    add_simulation_options(options);
    options.add_options()("json", "print the comparison as JSON")(
        "out", po::value<std::string>()->value_name("DIR"),
        "also write the results, the comparison and a report into this folder");
    return options;
}

/// Everything is read before anything is simulated: a misspelt name costs no time.
std::vector<explore::ResultFile> results(const std::vector<std::string>& paths, const Values& values) {
    const std::vector<std::string> changes = scenario_changes(compare_command, values);
    std::vector<explore::ResultFile> results(paths.size());
    std::vector<scenario::Scenario> points;
    std::vector<std::string> titles;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        const std::string result = result_path(paths[i]);
        if (fs::path(result).extension() == ".json") {
            results[i] = explore::read_result(result);
            results[i].title = paths[i];
        } else {
            points.push_back(scenario::load(paths[i], changes));
            titles.push_back(paths[i]);
            places.push_back(i);
        }
    }
    std::vector<explore::ResultFile> simulated = simulate(compare_command, values, points, titles);
    for (std::size_t i = 0; i < simulated.size(); ++i)
        results[places[i]] = std::move(simulated[i]);
    return results;
}

void write_files(const fs::path& folder, const std::vector<explore::ResultFile>& results,
                 const explore::Comparison& comparison) {
    std::vector<report::ResultText> texts;
    for (std::size_t i = 0; i < results.size(); ++i) {
        texts.push_back({comparison.titles[i], report::json_text(results[i].result)});
        report::write_file((folder / fmt::format("result{}.json", i)).string(), texts.back().json);
    }
    report::write_file((folder / "report.html").string(), report::report_page(texts));
    report::write_file((folder / "compare.json").string(), report::json_text(explore::as_json(comparison)));
}

int compare(const std::vector<std::string>& arguments) {
    const auto values = parse(compare_command, compare_options(), arguments);
    if (!values) return exit_ok;
    const std::vector<std::string> paths = operands(*values);
    if (paths.size() < 2) throw UsageError("compare: two or more scenarios or results: gradus compare A B");
    if (paths.size() > most_results)
        throw UsageError(fmt::format("compare: {} results; {} fit side by side", paths.size(), most_results));
    std::vector<explore::ResultFile> files;
    try {
        files = results(paths, *values);
    } catch (const validate::SimulationError& error) {
        fmt::print(stderr, "gradus: {}\n", error.what());
        return exit_simulation;
    }
    const explore::Comparison comparison = explore::compare(files);
    if (values->count("out"))
        write_files(made_folder(compare_command, (*values)["out"].as<std::string>()), files, comparison);
    fmt::print("{}",
               values->count("json") ? report::json_text(explore::as_json(comparison)) : explore::as_text(comparison));
    return exit_ok;
}

} // namespace

const Command compare_command{"compare", "A B ...",
                              "Results side by side: inputs, figures, and where the difference comes from.", compare};

} // namespace gradus::cli
