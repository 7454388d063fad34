// SPDX-License-Identifier: Apache-2.0
// What a chart is of: a step in the long run where there is one, else the whole run.

/** {of, short, time_ps, lower_bounds, phases, usage}: `usage` is of a unit of the result, by activity. */
export function stretch(result) {
    const {steady} = result;
    if (!steady?.units_ps) {
        return {of: "the whole run", short: "the run", time_ps: result.totals.time_ps, lower_bounds: result.lower_bounds, phases: result.phases, usage: usageOfRun};
    }
    return {of: "a step in the long run", short: "the step", time_ps: steady.time_ps, lower_bounds: steady.lower_bounds, phases: steady.phases,
        usage: ({name}) => steady.units_ps[name] ?? {busy: 0, memory: 0, fence: 0, fetch: 0, bus: 0, idle: steady.time_ps}};
}

const sum = (object) => Object.values(object).reduce((total, value) => total + value, 0);

function usageOfRun(unit) {
    const {fetch, memory, bus, fence} = unit.stalled_ps;
    return {busy: unit.busy_ps, memory, fence: sum(fence), fetch, bus, idle: unit.idle_ps};
}
