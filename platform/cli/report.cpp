// SPDX-License-Identifier: Apache-2.0
// gradus report: one or several results as a page.
#include <filesystem>
#include <fstream>

#include <boost/program_options/value_semantic.hpp>
#include <fmt/format.h>

#include "platform/cli/options.h"
#include "platform/cli/standard_output.h"
#include "platform/explore/compare.h"
#include "platform/files/whole_file.h"
#include "platform/report/html/page.h"
#include "platform/scenario/read_file.h"

namespace gradus::cli {

namespace {

namespace fs = std::filesystem;

report::ReportPage page_of(const std::vector<std::string>& paths) {
    report::ReportPage page;
    std::vector<explore::ResultFile> results;
    for (const std::string& path : paths) {
        const std::string result = result_path(path);
        std::ifstream file(scenario::seekable_path(result), std::ios::binary);
        page.add(result, file);
        if (paths.size() > 1) results.push_back(explore::read_result(result));
    }
    if (results.size() > 1) page.explain(explore::as_json(explore::compare(results))["causes"]);
    return page;
}

int write_report(const std::vector<std::string>& arguments) {
    namespace po = boost::program_options;
    Options options;
    options.add_options()("out", po::value<std::string>()->value_name("FILE"),
                          "the page (report.html beside the first result)");
    const auto values = parse(report_command, options, arguments);
    if (!values) return exit_ok;
    const std::vector<std::string> paths = operands(*values);
    if (paths.empty()) throw UsageError("report: which result? usage: gradus report [options] RESULT...");
    if (paths.size() > report::most_results)
        throw UsageError(fmt::format("report: {} results; {} fit side by side", paths.size(), report::most_results));

    const report::ReportPage page = page_of(paths);
    const std::string out = values->count("out")
                                ? (*values)["out"].as<std::string>()
                                : (fs::path(result_path(paths.front())).parent_path() / "report.html").string();
    files::write(out, page.text());
    print("{}\n", out);
    return exit_ok;
}

} // namespace

const Command report_command{"report", "RESULT...", "Write a page about one result, or about several side by side.",
                             write_report};

} // namespace gradus::cli
