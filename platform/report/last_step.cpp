// SPDX-License-Identifier: Apache-2.0
#include "platform/report/last_step.h"

namespace gradus::report {

namespace {

using observe::Counter;
using observe::Counts;

observe::MemoryTotals memory_of_step(const observe::MemoryTotals& of_run, const Counts& counts) {
    observe::MemoryTotals memory;
    memory.name = of_run.name;
    memory.capacity = of_run.capacity;
    memory.peak_bytes_per_second = of_run.peak_bytes_per_second;
    const auto put = [&](Counter read, Counter written, Counter busy) {
        memory.bytes_read = counts[read];
        memory.bytes_written = counts[written];
        memory.busy = counts[busy];
    };
    if (memory.name == "dram") put(Counter::dram_read_bytes, Counter::dram_write_bytes, Counter::dram_busy);
    if (memory.name == "scratchpad")
        put(Counter::scratchpad_read_bytes, Counter::scratchpad_write_bytes, Counter::scratchpad_busy);
    if (memory.name == "sram") put(Counter::sram_read_bytes, Counter::sram_write_bytes, Counter::sram_busy);
    if (of_run.rows) {
        memory.rows = {counts[Counter::dram_row_hits], counts[Counter::dram_row_misses],
                       counts[Counter::dram_row_conflicts], counts[Counter::dram_refreshes], 0};
        memory.bursts = {counts[Counter::dram_read_bursts], counts[Counter::dram_write_bursts]};
    }
    return memory;
}

} // namespace

std::optional<observe::Result> last_step_of(const observe::Result& result) {
    if (!result.last_step) return std::nullopt;
    const Counts& counts = result.over_time.last_step;
    observe::Result step;
    step.scenario = result.scenario;
    step.time = result.last_step->time;
    step.units = result.units;
    step.unit_totals = result.last_step->units;
    step.ops = result.last_step->ops;
    step.critical_path = result.last_step->path;
    step.instructions = counts[Counter::instructions];
    step.commands = counts[Counter::commands];
    step.tokens_per_step = result.tokens_per_step;
    step.parameter_count = result.parameter_count;
    for (const observe::MemoryTotals& memory : result.memories)
        step.memories.push_back(memory_of_step(memory, counts));
    return step;
}

} // namespace gradus::report
