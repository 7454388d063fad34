// SPDX-License-Identifier: Apache-2.0
// The timeline of a result as slices: coarse for the run, finer for one step, span by span for the beginning of it.

/** Levels from coarse to fine: {name, begin, end, grain, slices}; a slice is {unit, begin, end, phase, op, spans, times}
 *  with times by activity, and for a single span {activity, opcode, waitsFor}. */
export function levelsOf(result) {
    const {timeline} = result;
    const ops = new Map(result.ops.filter((op) => op.op !== null).map((op) => [op.op, op]));
    const units = result.units.map((unit) => unit.name);
    const common = (unit, [begin, length, phase, op]) => ({
        unit: units.indexOf(unit.name), begin, end: begin + length, phase: timeline.phases[phase] ?? "other", op: ops.get(op) ?? null,
    });
    const single = (unit) => (row) => {
        const activity = timeline.activities[row[4]];
        return {...common(unit, row), spans: 1, activity, times: {[activity]: row[1]}, opcode: unit.opcodes[row[5]], waitsFor: activity === "fence" ? units[row[6]] : null};
    };
    const merged = (unit) => (row) => ({
        ...common(unit, row), spans: row[4], times: Object.fromEntries(timeline.activities.map((name, i) => [name, row[5 + i]])),
    });
    return timeline.levels.map((level) => ({
        name: level.name, begin: level.begin_ps, end: level.end_ps, grain: level.grain_ps,
        slices: level.units.flatMap((unit) => [...unit.spans.map(single(unit)), ...unit.merged.map(merged(unit))]),
    }));
}

/** The finest level that holds all of [begin, end]. */
export function finest(levels, begin, end) {
    return [...levels].reverse().find((level) => level.begin <= begin && level.end >= end) ?? levels[0];
}
