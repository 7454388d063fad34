// SPDX-License-Identifier: Apache-2.0
// gradus calibrate: fits numbers of a chip to measured operators, and says how well that went, also on rows it never
// saw.
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <optional>

#include <boost/program_options/value_semantic.hpp>
#include <fmt/format.h>

#include "platform/calibrate/calibration.h"
#include "platform/calibrate/output.h"
#include "platform/cli/simulations.h"
#include "platform/cli/standard_output.h"
#include "platform/files/whole_file.h"
#include "platform/report/json_text.h"
#include "platform/report/progress.h"
#include "platform/report/terminal.h"
#include "platform/scenario/load.h"

namespace gradus::cli {

namespace {

namespace fs = std::filesystem;

Options calibrate_options() {
    namespace po = boost::program_options;
    Options options;
    options.add_options()("fit", po::value<std::vector<std::string>>()->composing()->value_name("KEY,KEY,..."),
                          "numbers of the chip to fit (what an operator costs besides its work)")(
        "hold-out", po::value<double>()->value_name("FRACTION")->default_value(0.25),
        "of each operator's rows, kept from the fit to judge it by")(
        "seed", po::value<std::uint64_t>()->value_name("N")->default_value(1), "of the choice of these rows")(
        "evaluations", po::value<unsigned>()->value_name("N")->default_value(200), "of the objective, at most");
    add_simulation_options(options);
    options.add_options()("out", po::value<std::string>()->value_name("FILE"), "write the calibrated chip file")(
        "json", "print the outcome as JSON")("markdown", "print it as tables for a document");
    return options;
}

std::vector<std::string> keys_to_fit(const Values& values) {
    if (!values.count("fit")) return calibrate::default_keys();
    std::vector<std::string> keys;
    for (const std::string& list : values["fit"].as<std::vector<std::string>>())
        for (std::size_t begin = 0; begin <= list.size();) {
            const std::size_t end = std::min(list.find(',', begin), list.size());
            keys.push_back(list.substr(begin, end - begin));
            begin = end + 1;
        }
    return keys;
}

calibrate::Calibration calibrated(const Values& values, const std::vector<std::string>& operands,
                                  const validate::Table& table) {
    calibrate::Request request;
    request.chip = scenario::load_chip(operands[0]);
    request.keys = calibrate::numeric_keys(keys_to_fit(values));
    request.rows = validate::measured_rows(table);
    const double fraction = values["hold-out"].as<double>();
    if (!(fraction >= 0 && fraction < 1)) throw UsageError("calibrate: --hold-out is 0 or more and less than 1");
    request.held_back = calibrate::held_back(request.rows, fraction, values["seed"].as<std::uint64_t>());
    request.evaluations = values["evaluations"].as<unsigned>();
    if (request.evaluations == 0) throw UsageError("calibrate: --evaluations is 1 or more");
    report::Progress progress(stderr, report::Progress::mode_for(stderr, false), request.evaluations, "evaluations");
    request.progress = [&](double objective) {
        progress.advance([=] { return fmt::format("error {:.1f} %", 100 * std::sqrt(objective)); });
    };
    return calibrate::calibrate(request, calibrate::simulating_evaluator(chosen_firmware(calibrate_command, values),
                                                                         pool_options(calibrate_command, values).jobs));
}

int calibrate_chip(const std::vector<std::string>& arguments) {
    const auto values = parse(calibrate_command, calibrate_options(), arguments);
    if (!values) return exit_ok;
    const std::vector<std::string> operands = cli::operands(*values);
    if (operands.size() != 2)
        throw UsageError("calibrate: a chip and its measurements: gradus calibrate [options] CHIP MEASUREMENTS.csv");
    const validate::Table table(operands[1]);
    const calibrate::Provenance provenance{operands[0], operands[1], table.about("source"),
                                           (*values)["hold-out"].as<double>(), (*values)["seed"].as<std::uint64_t>()};
    std::optional<files::WholeFile> out;
    if (values->count("out")) out.emplace((*values)["out"].as<std::string>());
    const calibrate::Calibration calibration = calibrated(*values, operands, table);
    put(values->count("json")       ? report::json_text(calibrate::as_json(calibration, provenance))
        : values->count("markdown") ? calibrate::as_markdown(calibration, provenance)
                                    : calibrate::as_text(calibration, report::terminal(stdout).width));
    if (out) {
        const fs::path base = fs::absolute(operands[0]).lexically_relative(fs::absolute(out->path()).parent_path());
        files::write(*out, calibrate::as_toml(calibration, provenance, base.string()));
    }
    if (calibrate::verdict_of(calibration.objective) != calibrate::Verdict::unexplained) return exit_ok;
    complain("calibrate: these numbers cannot explain the rows; the model may lack what they show, or other keys are "
             "wrong (--fit)");
    return exit_failed;
}

} // namespace

const Command calibrate_command{"calibrate", "CHIP MEASUREMENTS.csv",
                                "Fit numbers of a chip to measured operators, judged by rows held back.",
                                calibrate_chip};

} // namespace gradus::cli
