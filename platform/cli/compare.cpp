// SPDX-License-Identifier: Apache-2.0
// gradus compare: results side by side, and where the difference comes from.
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include <boost/program_options/value_semantic.hpp>
#include <fmt/format.h>

#include "platform/cli/output.h"
#include "platform/cli/simulations.h"
#include "platform/cli/standard_output.h"
#include "platform/explore/compare.h"
#include "platform/report/html/page.h"
#include "platform/report/json_text.h"
#include "platform/report/terminal.h"
#include "platform/scenario/load.h"
#include "platform/scenario/read_file.h"

namespace gradus::cli {

namespace {

namespace fs = std::filesystem;

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

/// What is compared: results that are there, and scenarios that are still to be simulated.
struct Sources {
    std::vector<explore::ResultFile> results; ///< empty where a scenario's will be
    std::vector<scenario::Scenario> points;
    std::vector<std::string> titles; ///< of points
    std::vector<std::size_t> places; ///< of points, among the results
};

/// By its name, or by how it begins: what comes out of a pipe has no name, and no scenario begins with a brace.
bool is_result(const std::string& path) {
    if (fs::path(path).extension() == ".json") return true;
    try {
        std::ifstream file(scenario::seekable_path(path), std::ios::binary);
        char first = 0;
        return file >> first && first == '{';
    } catch (const scenario::FileError&) { // whoever reads it next says why
        return false;
    }
}

Sources read_sources(const std::vector<std::string>& paths, const Values& values) {
    const std::vector<std::string> changes = scenario_changes(compare_command, values);
    Sources sources;
    sources.results.resize(paths.size());
    for (std::size_t i = 0; i < paths.size(); ++i) {
        const std::string result = result_path(paths[i]);
        if (is_result(result)) {
            sources.results[i] = explore::read_result(result);
            sources.results[i].title = paths[i];
        } else {
            sources.points.push_back(scenario::load(paths[i], changes));
            sources.titles.push_back(paths[i]);
            sources.places.push_back(i);
        }
    }
    return sources;
}

std::vector<explore::ResultFile> results_of(Sources sources, const Values& values) {
    std::vector<explore::ResultFile> simulated = simulate(compare_command, values, sources.points, sources.titles);
    for (std::size_t i = 0; i < simulated.size(); ++i)
        sources.results[sources.places[i]] = std::move(simulated[i]);
    return std::move(sources.results);
}

std::string name_of_result(std::size_t number) { return fmt::format("result{}.json", number); }

OutputFolder claimed_folder(const std::string& folder, std::size_t results) {
    std::vector<std::string> names{"report.html", "compare.json"};
    for (std::size_t i = 0; i < results; ++i)
        names.push_back(name_of_result(i));
    return {compare_command, folder, names};
}

void copy(std::istream& from, files::WholeFile& to) {
    std::array<char, 65536> part; // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
    while (from.read(part.data(), part.size()) || from.gcount() > 0)
        to.append({part.data(), static_cast<std::size_t>(from.gcount())});
}

void write_files(OutputFolder& folder, const std::vector<explore::ResultFile>& results,
                 const explore::Comparison& comparison) {
    for (std::size_t i = 0; i < results.size(); ++i)
        folder.fill(name_of_result(i), [&](files::WholeFile& file) { copy(results[i].text_again(), file); });
    folder.write("report.html", [&] {
        report::ReportPage page;
        for (std::size_t i = 0; i < results.size(); ++i)
            page.add(comparison.titles[i], results[i].text_again());
        page.explain(explore::as_json(comparison)["causes"]);
        return page.text();
    });
    folder.write("compare.json", [&] { return report::json_text(explore::as_json(comparison)); });
}

int compare(const std::vector<std::string>& arguments) {
    const auto values = parse(compare_command, compare_options(), arguments);
    if (!values) return exit_ok;
    const std::vector<std::string> paths = operands(*values);
    if (paths.size() < 2) throw UsageError("compare: two or more scenarios or results: gradus compare A B");
    if (paths.size() > report::most_results)
        throw UsageError(fmt::format("compare: {} results; {} fit side by side", paths.size(), report::most_results));
    // Everything is read before anything is simulated: a misspelt name costs no time.
    Sources sources = read_sources(paths, *values);
    std::optional<OutputFolder> folder;
    if (values->count("out")) folder.emplace(claimed_folder((*values)["out"].as<std::string>(), paths.size()));
    const std::vector<explore::ResultFile> results = results_of(std::move(sources), *values);
    const explore::Comparison comparison = explore::compare(results);
    if (folder) write_files(*folder, results, comparison);
    put(values->count("json") ? report::json_text(explore::as_json(comparison))
                              : explore::as_text(comparison, report::terminal(stdout).width));
    return folder ? folder->complain_of_errors() : exit_ok;
}

} // namespace

const Command compare_command{"compare", "A B ...",
                              "Results side by side: inputs, figures, and where the difference comes from.", compare};

} // namespace gradus::cli
