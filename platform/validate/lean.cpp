// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <sstream>

#include <fmt/format.h>

#include "platform/scenario/load.h"
#include "platform/validate/check.h"
#include "platform/validate/measure.h"

namespace gradus::validate {

namespace {

using schedule::OperatorKind;

/// What stands in for an operator of the engine, and whose time counts; empty: the whole operator's.
struct StandIn {
    OperatorKind kind;
    const char* unit;
    double share; ///< of that time
};

StandIn stand_in(const std::string& name) {
    // A copy goes into the scratchpad and back, through the one channel there is.
    if (name == "copy_in" || name == "copy_out") return {OperatorKind::copy, "dma0", 0.5};
    if (name == "gemm") return {OperatorKind::gemm, "matrix", 1};
    if (name == "scale" || name == "add_scalar") return {OperatorKind::relu, "", 1};
    if (name == "add" || name == "multiply") return {OperatorKind::add, "", 1};
    throw TableError(fmt::format("lean.csv: there is no operator '{}'", name));
}

/// "1024x1024"; a number alone is bytes. Operators that copy are done in fp32 on half as many elements: as many bytes.
std::vector<std::uint32_t> dims_of(const std::string& shape) {
    std::vector<std::uint32_t> dims;
    std::istringstream stream(shape);
    for (std::string dim; std::getline(stream, dim, 'x');)
        dims.push_back(static_cast<std::uint32_t>(std::stoul(dim)));
    if (dims.size() == 1) return {1, dims[0] / 4};
    if (dims.size() == 2) return {dims[0], dims[1] / 2};
    return dims;
}

double cycles_of(const nlohmann::ordered_json& entry, const StandIn& ours, double clock_mhz) {
    double time = entry["time_ps"].get<double>();
    if (const std::string unit = ours.unit; !unit.empty()) {
        const auto& usage = entry["units_ps"][unit];
        time = usage["busy"].get<double>() + usage["memory"].get<double>();
    }
    return std::round(ours.share * time * clock_mhz * 1e-6);
}

} // namespace

Reference check_lean_engine(const Places& places) {
    const Table table(places.scenarios + "/validation/lean.csv");
    Reference reference = described_by(table);
    for (std::size_t row = 0; row < table.rows(); ++row) {
        const std::string& name = table.text(row, "operator");
        const StandIn ours = stand_in(name);
        const double clock_mhz = table.number(row, "clock_mhz");
        const scenario::ChipParameters chip =
            scenario::load_chip(places.scenarios + "/chips/lean.toml", {fmt::format("chip.clock_mhz={}", clock_mhz)});
        const bool multiplies = ours.kind == OperatorKind::gemm;
        const schedule::OperatorRequest request{ours.kind, dims_of(table.text(row, "shape")),
                                                multiplies ? scenario::Format::bf16 : scenario::Format::fp32};
        const auto entry = measure(chip, request, scenario::DataPlane::none, places.firmware);
        reference.checks.push_back({fmt::format("{} {}, {} MHz: cycles", name, table.text(row, "shape"), clock_mhz),
                                    table.number(row, "cycles"), cycles_of(entry, ours, clock_mhz), std::nullopt});
    }
    return reference;
}

} // namespace gradus::validate
