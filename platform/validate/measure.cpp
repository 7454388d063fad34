// SPDX-License-Identifier: Apache-2.0
#include "platform/validate/measure.h"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/resource.h>

#include "ip/dma/dma_command.h"
#include "platform/chip/memory_map.h"
#include "platform/chip/simulation.h"
#include "platform/observe/trace_sink.h"
#include "platform/process/pool.h"
#include "platform/report/bounds.h"
#include "platform/report/cost.h"
#include "platform/report/derive.h"
#include "platform/report/json_cost.h"
#include "platform/report/json_parts.h"
#include "platform/scenario/clocks.h"

namespace gradus::validate {

namespace {

using Json = nlohmann::ordered_json;

double cpu_seconds(const rusage& usage) {
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Json host_json() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    Json host;
    host["cpu_seconds"] = cpu_seconds(usage);
    host["peak_memory_bytes"] = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
    return host;
}

void put_memory_traffic(Json& entry, const observe::StepRecord& run, ip::Picoseconds time) {
    const ip::CommandWork& dma = run.work.of(observe::UnitKind::dma);
    entry["dram_bytes_read"] = dma.dram_read;
    entry["dram_bytes_written"] = dma.dram_written;
    entry["dram_bytes_per_second"] =
        report::ratio(static_cast<double>(dma.dram_read + dma.dram_written), report::seconds(time));
}

/// What a copy's loads and stores take apart from each other, in the shortest of its steps but the first: whether a
/// refresh falls into a short copy is chance. With one channel its commands are load, store, load, ... in the order in
/// which the firmware's kernel gives them.
class CopyTimes : public observe::TraceSink {
public:
    CopyTimes(const scenario::ChipParameters& chip, const schedule::OperatorRequest& request)
        : told_apart_(request.kind == schedule::OperatorKind::copy && chip.dma.channels == 1), load_(request.steps),
          store_(request.steps) {}

    observe::TraceSink* trace() { return told_apart_ ? this : nullptr; }
    void span(ip::UnitId /*unit*/, const ip::Span& span) override {
        const bool moves = span.opcode == DMA_COPY && span.activity == ip::Activity::busy;
        if (!moves || span.tag.op != copy_op) return;
        if (std::exchange(step_, span.tag.step) != span.tag.step) loads_next_ = true;
        (loads_next_ ? load_ : store_).at(span.tag.step) += span.end - span.begin;
        loads_next_ = !loads_next_;
    }
    void put(Json& entry) const {
        if (!told_apart_) return;
        entry["load_ps"] = shortest(load_);
        entry["store_ps"] = shortest(store_);
    }

private:
    static constexpr std::uint16_t copy_op = 0; // the only one of its schedule
    static ip::Picoseconds shortest(const std::vector<ip::Picoseconds>& steps) {
        return *std::min_element(steps.begin() + (steps.size() > 1 ? 1 : 0), steps.end());
    }

    const bool told_apart_;
    bool loads_next_ = true;
    std::uint32_t step_ = 0;
    std::vector<ip::Picoseconds> load_, store_; ///< by step
};

/// A product is judged by its multiply-accumulates, everything else by the elements of its tensor.
Json energy_of(const observe::Result& result, const schedule::OperatorRequest& request, std::uint64_t macs) {
    const report::StepCost cost = report::cost_of_last_step(result);
    Json energy = report::step_energy_json(cost);
    const double picojoules = cost.energy.total * 1e12;
    if (macs > 0)
        energy["pj_per_mac"] = picojoules / static_cast<double>(macs);
    else
        energy["pj_per_element"] = picojoules / (static_cast<double>(request.dims[0]) * request.dims[1]);
    return energy;
}

Json entry_of(const observe::Result& result, const schedule::OperatorRequest& request) {
    const observe::StepRecord& run = result.steps.back();
    const ip::Picoseconds time = run.end - run.begin;
    const auto array = static_cast<double>(result.scenario.chip.matrix.rows) * result.scenario.chip.matrix.cols;
    const std::uint64_t macs = run.work.of(observe::UnitKind::matrix).macs;
    const double cycles = scenario::chip_clock(result.scenario.chip).cycles(time);
    Json entry;
    entry["shape"] = shape_text(request);
    entry["cycles"] = cycles;
    report::put_time(entry, "time", time);
    entry["begin_ps"] = run.begin;
    entry["macs"] = macs;
    entry["utilisation"] = report::ratio(static_cast<double>(macs), array * cycles);
    put_memory_traffic(entry, run, time);
    const std::vector<report::LowerBound> bounds = report::lower_bounds(result, report::work_of_step(result, run));
    if (const report::LowerBound* bound = report::tightest(bounds)) {
        entry["tightest_bound"] = bound->resource;
        entry["of_tightest_bound"] = bound->share;
    }
    entry["lower_bounds"] = report::bounds_json(bounds);
    entry["critical_path_ps"] = report::path_of_step_json(result, run);
    entry["units_ps"] = report::usages_json(result, run.units, time);
    entry["energy"] = energy_of(result, request, macs);
    entry["host"] = host_json();
    return entry;
}

observe::Result simulate(const scenario::ChipParameters& chip, const schedule::OperatorRequest& request,
                         scenario::DataPlane data, const std::string& firmware, observe::TraceSink* trace) {
    const schedule::Schedule schedule = schedule::build_operator(request, chip::dram_range(chip));
    scenario::Scenario scenario;
    scenario.chip = chip;
    scenario.model.format = request.format; // what the array is built for
    scenario.run.steps = request.steps;
    scenario.run.data = data;
    chip::Outcome outcome = chip::simulate({scenario, schedule, firmware, trace});
    if (outcome.failure) throw std::runtime_error(*outcome.failure);
    if (outcome.result.steps.size() != request.steps)
        throw std::runtime_error(fmt::format("the firmware ended with exit code {}", outcome.result.exit_code));
    return std::move(outcome.result);
}

} // namespace

std::string shape_text(const schedule::OperatorRequest& request) {
    return fmt::format("{}", fmt::join(request.dims, "x"));
}

Json measure_here(const scenario::ChipParameters& chip, const schedule::OperatorRequest& request,
                  scenario::DataPlane data, const std::string& firmware) {
    CopyTimes copies(chip, request);
    Json entry = entry_of(simulate(chip, request, data, firmware, copies.trace()), request);
    copies.put(entry);
    return entry;
}

void simulate_for_trace(const scenario::ChipParameters& chip, const schedule::OperatorRequest& request,
                        scenario::DataPlane data, const std::string& firmware, observe::TraceSink& trace) {
    simulate(chip, request, data, firmware, &trace);
}

Json measure(const scenario::ChipParameters& chip, const schedule::OperatorRequest& request, scenario::DataPlane data,
             const std::string& firmware) {
    schedule::check_operator(request, chip::dram_range(chip)); // a bad request is the caller's fault, not the child's
    try {
        return Json::parse(process::in_child([&] { return measure_here(chip, request, data, firmware).dump(); }));
    } catch (const std::runtime_error& error) {
        throw SimulationError(fmt::format("{}: {}", shape_text(request), error.what()));
    }
}

} // namespace gradus::validate
