// SPDX-License-Identifier: Apache-2.0
#include "platform/cli/op_shapes.h"

#include <fmt/format.h>

#include "platform/chip/memory_map.h"
#include "platform/cli/standard_output.h"
#include "platform/report/human.h"
#include "platform/scenario/read_file.h"

namespace gradus::cli {

namespace {

std::vector<std::uint32_t> dims_of(const std::string& text, const schedule::OperatorShape& wanted) {
    if (auto dims = schedule::parse_shape(text)) return *std::move(dims);
    throw UsageError(fmt::format("op: '{}' is no shape; {} takes {}, such as {}", report::plain(text, 60), wanted.name,
                                 wanted.shape, wanted.shape.size() > 3 ? "1024x768x768" : "1024x768"));
}

std::vector<schedule::ListedShape> listed_shapes(const Values& values, const schedule::OperatorShape& op) {
    std::vector<schedule::ListedShape> shapes;
    if (values.count("shape"))
        for (const std::string& text : values["shape"].as<std::vector<std::string>>()) {
            shapes.emplace_back();
            shapes.back().dims = dims_of(text, op);
        }
    if (values.count("list")) {
        const std::string& path = values["list"].as<std::string>();
        for (schedule::ListedShape& each : schedule::parse_shapes(scenario::read_file(path), path, op))
            shapes.push_back(std::move(each));
    }
    return shapes;
}

void say_what_is_left_out(const std::vector<OpShape>& shapes) {
    std::size_t sparse = 0;
    for (const OpShape& shape : shapes)
        sparse += shape.listed.sparsity.empty() ? 0 : 1;
    if (sparse > 0)
        complain(fmt::format("op: {} of {} layers are sparse in the table; they are timed as dense ones", sparse,
                             shapes.size()));
}

} // namespace

std::vector<OpShape> op_shapes(const Values& values, const schedule::OperatorShape& op,
                               const scenario::ChipParameters& chip) {
    const std::string& format = values["format"].as<std::string>();
    if (format != "fp32" && format != "bf16")
        throw UsageError(fmt::format("op: --format is fp32 or bf16, not '{}'", report::plain(format, 60)));
    std::vector<OpShape> shapes;
    for (schedule::ListedShape& listed : listed_shapes(values, op)) {
        schedule::OperatorRequest request{op.kind, listed.dims,
                                          format == "bf16" ? scenario::Format::bf16 : scenario::Format::fp32};
        try {
            schedule::check_operator(request, chip::dram_range(chip));
        } catch (const schedule::ScheduleError& error) {
            if (listed.place.empty()) throw;
            throw schedule::ScheduleError(fmt::format("{}: {}", listed.place, error.what()));
        }
        shapes.push_back({std::move(listed), std::move(request)});
    }
    if (shapes.empty()) throw UsageError(fmt::format("op: which shape? --shape {} or --list FILE", op.shape));
    say_what_is_left_out(shapes);
    return shapes;
}

} // namespace gradus::cli
