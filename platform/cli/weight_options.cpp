// SPDX-License-Identifier: Apache-2.0
#include "platform/cli/weight_options.h"

#include <boost/program_options/value_semantic.hpp>
#include <fmt/format.h>

namespace gradus::cli {

void add_weight_options(Options& options) {
    namespace po = boost::program_options;
    options.add_options()(
        "load", po::value<std::string>()->value_name("FILE|DIR"),
        "begin with the weights of a safetensors file; with one that --save wrote, go on where it was")(
        "save", po::value<std::string>()->value_name("FILE"),
        "write weights, and what training needs to go on, as a safetensors file, after the last step")(
        "save-every", po::value<unsigned>()->value_name("N"), "write that file after every N steps, too")(
        "dump", po::value<std::vector<std::string>>()->composing()->value_name("PATTERN"),
        "write tensors whose name it matches, such as 'grad.layer0.*', to dump/NAME.npy as they are after the last "
        "step; can be repeated");
}

WeightOptions weight_options(const Values& values, const scenario::Scenario& scenario) {
    WeightOptions options;
    for (const char* option : {"load", "save", "save-every", "dump"})
        if (values.count(option) && scenario.run.data == scenario::DataPlane::none)
            throw UsageError(
                fmt::format("run: --{} needs numbers, and run.data is \"none\": nothing is computed", option));
    if (values.count("load")) options.load = values["load"].as<std::string>();
    if (values.count("save")) options.save = values["save"].as<std::string>();
    if (values.count("save-every")) {
        options.save_every = values["save-every"].as<unsigned>();
        if (options.save_every == 0) throw UsageError("run: --save-every is 1 or more");
        if (!options.save) throw UsageError("run: --save-every without --save: to which file?");
    }
    if (values.count("dump")) options.dump = values["dump"].as<std::vector<std::string>>();
    return options;
}

} // namespace gradus::cli
