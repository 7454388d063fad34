// SPDX-License-Identifier: Apache-2.0
// What the control CPU and its firmware have to do with the time.
import {axis, figure, names, tip} from "../chart.js";
import {element, tooltip} from "../dom.js";
import {count, percent, plain, quantity, time, unpadded} from "../format.js";
import {look, palette} from "../palette.js";
import {stretch} from "./stretch.js";

function bars(what) {
    const total = what.rows.reduce((sum, [, value]) => sum + value, 0);
    const rows = what.rows.filter(([, value]) => value > 0).sort((a, b) => a[1] - b[1]);
    return figure({
        ...what, height: 60 + 26 * rows.length,
        option: (theme, {width}) => {
            const colours = palette(theme);
            const {room, label} = names(theme, rows.map(([name]) => name), width);
            return {
                grid: {left: room, right: 64, top: 4, bottom: 42},
                tooltip: tip(theme, ({name, value}) => tooltip(name, [[what.quantity, what.format(value)], ["share", percent(value / total)]])),
                xAxis: axis(theme, {type: "value", name: what.axis, nameLocation: "middle", nameGap: 26, splitNumber: 3, axisLabel: {formatter: (value) => unpadded(what.format(value))}}),
                yAxis: axis(theme, {type: "category", data: rows.map(([name]) => name), axisLabel: label}),
                series: [{type: "bar", barWidth: 13, itemStyle: {color: look(what.look, theme).colour, borderRadius: 2},
                    label: {show: true, position: "right", color: colours.text, formatter: ({value}) => percent(value / total)},
                    data: rows.map(([, value]) => value)}],
            };
        },
        table: {columns: [{title: "Name"}, {title: what.quantity, numeric: true}, {title: "Share", numeric: true}],
            rows: () => [...rows].reverse().map(([name, value]) => [name, what.format(value), percent(value / total)])},
    });
}

export function firmware(result) {
    const hart = result.units.find((unit) => unit.kind === "cpu");
    if (!hart) return null;
    const {of, time_ps: total, usage} = stretch(result);
    const parts = usage(hart);
    const path = result.critical_path;
    const whole = path.reduce((sum, unit) => sum + unit.time_ps, 0);
    const own = path.find((unit) => unit.name === hart.name)?.time_ps ?? 0;
    const {instructions, commands} = result.totals;
    const ofStep = result.steady ? `, ${count(result.steady.instructions)} in the last step` : "";
    return {
        id: "firmware", title: "Firmware and the critical path",
        lead: `The hart executes or waits for the bus ${percent((parts.busy + parts.bus) / total)} of ${of}, and ${percent(whole ? own / whole : 0)} of the critical path are its own.`,
        content: [
            element("div", {class: "pair"},
                bars({id: "path", title: "Critical path by unit", note: "Of all steps of the run. Pieces that follow each other without a gap and add up to the steps. To make a step shorter, one of these must become shorter.",
                    rows: path.map((unit) => [unit.name, unit.time_ps]), quantity: "time", axis: "time on the path", format: time, look: 0}),
                bars({id: "instructions", title: "Instructions of the hart by class",
                    note: `Of the whole run: ${count(instructions)} in all${ofStep}; ${commands ? plain(instructions / commands) : "–"} a command.`,
                    rows: Object.entries(result.instructions_by_class), quantity: "instructions", axis: "instructions", format: (value) => quantity(value), look: 2})),
        ],
    };
}
