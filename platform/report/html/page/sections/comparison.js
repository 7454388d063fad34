// SPDX-License-Identifier: Apache-2.0
// Several results side by side: what differs in the scenarios, what that did to the figures, and where.
import {axis, figure, names, tip} from "../chart.js";
import {element, table, tooltip} from "../dom.js";
import {capacity, count, loss, percent, plain, quantity, tick, time, timeUnit} from "../format.js";
import {legend} from "../legend.js";
import {look, palette, phaseLook, phaseNames} from "../palette.js";
import {valueOf, written} from "./scenario.js";
import {stretch} from "./stretch.js";

const known = (value, write) => (value ? write(value) : "–");

/** What is compared: title, value, how it is written, and whether less (-1) or more (1) of it is better; 0: neither. */
const figures = [
    ["Time a step", (r) => r.steady?.time_ps, time, -1],
    ["Training speed", (r) => r.steady?.tokens_per_second, (v) => quantity(v, "tokens/s"), 1],
    ["Energy a token", (r) => r.steady?.token_j, (v) => quantity(v, "J"), -1],
    ["Power in a step", (r) => r.steady?.energy?.average_w, (v) => quantity(v, "W"), -1],
    ["Area", (r) => r.area?.total_mm2, (v) => `${plain(v)} mm²`, -1],
    ["MACs a step", (r) => r.steady?.macs, quantity, 0],
    ["Commands a step", (r) => r.steady?.commands, count, 0],
    ["Instructions a step", (r) => r.steady?.instructions, count, -1],
    ["DRAM traffic a step", (r) => r.steady?.dram_bytes, (v) => quantity(v, "B"), -1],
    ["DRAM rate", (r) => r.steady?.dram?.bytes_per_second, (v) => quantity(v, "B/s"), 0],
    ["Planned in DRAM", (r) => r.memory_plan && ["image", "parameters", "weights", "gradients", "moments", "constants", "activations"].reduce((sum, kind) => sum + (r.memory_plan[`${kind}_bytes`] ?? 0), 0), capacity, -1],
    ["Loss at the end (nats)", (r) => r.steps.at(-1)?.loss, (v) => loss(v, 3), -1],
];

/** A value, and beside it how it relates to that of the first result. */
function compared(value, first, write, better) {
    if (!value || !first || value === first) return known(value, write);
    const ratio = value / first;
    if (plain(ratio, 3) === "1") return write(value);
    const good = better === 0 ? "" : (ratio - 1) * better > 0 ? "better" : "worse";
    const sign = ratio > 1 ? "▲" : "▼";
    return element("span", {}, `${write(value)} `, element("span", {class: good}, `${sign} ${plain(ratio, 3)}×${good ? ` ${good}` : ""}`));
}

function headline(results) {
    // Of two models neither is the better one for being smaller.
    const alike = results.every(({result}) => JSON.stringify(result.scenario.model) === JSON.stringify(results[0].result.scenario.model));
    const rows = figures.filter(([, value]) => results.some(({result}) => value(result))).map(([title, value, write, better]) => {
        const first = value(results[0].result);
        return [title, ...results.map(({result}) => compared(value(result), first, write, alike ? better : 0))];
    });
    rows.push(["Bound by", ...results.map(({result}) => result.bound.replace(/^bound by /, ""))]);
    return element("div", {class: "card"}, element("h3", {}, "Figures"), element("p", {class: "note"}, "Of a step in the long run each, but for area, plan and loss. Ratios are to the first result."),
        table([{title: ""}, ...results.map(({title}) => ({title}))], rows, "Figures side by side"));
}

function differences(results, parameters) {
    const rows = parameters.map(({key, unit, help}) => ({key, unit, help, values: results.map(({result}) => written(valueOf(result.scenario, key)))}))
        .filter(({values}) => values.some((value) => value !== values[0]));
    return element("div", {class: "card long"}, element("h3", {}, "What differs in the scenarios"),
        rows.length === 0 ? element("p", {class: "note"}, "Nothing: all parameters are the same.")
            : table([{title: "Parameter"}, ...results.map(({title}) => ({title})), {title: "Unit"}, {title: "Meaning"}],
                rows.map(({key, unit, help, values}) => [element("code", {}, key), ...values.map((value, i) => element("span", {class: i > 0 && value !== values[0] ? "value changed" : "value"}, value)), unit || "–", element("span", {class: "meaning"}, help)]),
                "Parameters that differ"));
}

const ofEach = (results) => `Of ${[...new Set(results.map(({result}) => stretch(result).of))].join(" or ")} each.`;

function phases(results) {
    const rows = [...results].reverse().map(({title, result}) => ({title, ...stretch(result)}));
    const present = phaseNames.filter((phase) => rows.some((row) => row.phases.some((each) => each.name === phase)));
    const value = (row, phase) => row.phases.find((each) => each.name === phase)?.time_ps ?? 0;
    const {size, unit} = timeUnit(Math.max(...rows.map(({time_ps}) => time_ps)));
    return figure({
        id: "compared-phases", title: "Time by phase", height: 96 + 38 * rows.length,
        note: ofEach(results),
        option: (theme, {width}) => {
            const colours = palette(theme);
            const {room, label} = names(theme, rows.map(({title}) => title), width);
            return {
                legend: legend(theme), grid: {left: room, right: 70, top: 36, bottom: 42},
                tooltip: tip(theme, (bars) => tooltip(rows[bars[0].dataIndex].title, present.map((phase) => [phase, time(value(rows[bars[0].dataIndex], phase))])), {trigger: "axis", axisPointer: {type: "shadow"}}),
                xAxis: axis(theme, {type: "value", name: `time (${unit})`, nameLocation: "middle", nameGap: 26, axisLabel: {formatter: tick}}),
                yAxis: axis(theme, {type: "category", data: rows.map(({title}) => title), axisLabel: label}),
                series: present.map((phase, i) => ({name: phase, type: "bar", stack: "all", barWidth: 20, itemStyle: {color: phaseLook(phase, theme).colour, decal: phaseLook(phase, theme).decal},
                    label: {show: i === present.length - 1, position: "right", color: colours.text, formatter: ({dataIndex}) => time(rows[dataIndex].time_ps)},
                    data: rows.map((row) => value(row, phase) / size)})),
            };
        },
        table: {columns: [{title: "Result"}, ...present.map((title) => ({title, numeric: true}))],
            rows: () => [...rows].reverse().map((row) => [row.title, ...present.map((phase) => time(value(row, phase)))])},
    });
}

function busyUnits(results) {
    const units = [...new Set(results.flatMap(({result}) => result.units.map((unit) => unit.name)))].reverse();
    const share = (result, name) => {
        const unit = result.units.find((each) => each.name === name);
        if (!unit) return null;
        const {usage, time_ps} = stretch(result);
        const {busy, memory} = usage(unit);
        return (busy + memory) / time_ps;
    };
    return figure({
        id: "compared-units", title: "Units with work under way", height: 96 + units.length * (12 * results.length + 12),
        note: `${ofEach(results)} Busy, or waiting for operands.`,
        option: (theme) => {
            const colours = palette(theme);
            return {
                legend: legend(theme), grid: {left: 70, right: 60, top: 36, bottom: 42},
                tooltip: tip(theme, (bars) => tooltip(bars[0].name, bars.map((bar) => [bar.seriesName, bar.value === undefined ? "–" : percent(bar.value)])), {trigger: "axis", axisPointer: {type: "shadow"}}),
                xAxis: axis(theme, {type: "value", max: 1, name: "share (%)", nameLocation: "middle", nameGap: 26, axisLabel: {formatter: (value) => Math.round(value * 100)}}),
                yAxis: axis(theme, {type: "category", data: units, axisLabel: {color: colours.text}}),
                series: results.map(({title, result}, i) => ({name: title, type: "bar", barWidth: 9, itemStyle: {color: look(i, theme).colour, decal: look(i, theme).decal},
                    label: {show: results.length <= 3, position: "right", color: colours.soft, fontSize: 10, formatter: ({value}) => percent(value)},
                    data: units.map((name) => share(result, name))})),
            };
        },
        table: {columns: [{title: "Unit"}, ...results.map(({title}) => ({title, numeric: true}))],
            rows: () => [...units].reverse().map((name) => [name, ...results.map(({result}) => { const value = share(result, name); return value === null ? "–" : percent(value); })])},
    });
}

function losses(results) {
    const learned = results.filter(({result}) => result.steps.some((window) => window.loss !== null));
    if (learned.length < 2) return null;
    return figure({
        id: "compared-loss", title: "Training loss", height: 300,
        note: "Of each whole run: mean cross-entropy by step.",
        option: (theme) => ({
            legend: legend(theme), grid: {left: 56, right: 20, top: 36, bottom: 46},
            tooltip: tip(theme, (lines) => tooltip(`step ${lines[0].value[0]}`, lines.map((line) => [line.seriesName, loss(line.value[1], 3)])), {trigger: "axis"}),
            xAxis: axis(theme, {type: "value", name: "step", nameLocation: "middle", nameGap: 28, splitLine: {show: false}}),
            yAxis: axis(theme, {type: "value", name: "loss (nats)", nameLocation: "middle", nameGap: 40, scale: true}),
            series: learned.map(({title, result}, i) => ({name: title, type: "line", symbol: "none", lineStyle: {color: look(i, theme).colour, type: look(i, theme).dash, width: 2}, itemStyle: {color: look(i, theme).colour},
                data: result.steps.filter((window) => window.loss !== null).map((window) => [window.first, window.loss])})),
        }),
        table: {columns: [{title: "Result"}, {title: "First", numeric: true}, {title: "Last", numeric: true}],
            rows: () => learned.map(({title, result}) => [title, known(result.steps[0].loss, loss), known(result.steps.at(-1).loss, loss)])},
    });
}

const signed = (ps) => `${ps < 0 ? "−" : "+"}${time(Math.abs(ps))}`;

/** Why each result differs from the first: the sentence, and the parts of the critical path that changed. */
function cause({title}, why) {
    const most = 12;
    if (!why) return element("div", {class: "card"}, element("h3", {}, title), element("p", {class: "note"}, "No finished step: no critical path to compare."));
    const rows = (list, of) => list.slice(0, most).map((part) => [of(part), signed(part.change_ps)]);
    const parts = (list, first, of) => table([{title: first}, {title: "Change of a step", numeric: true}], rows(list, of), `${first}: change of a step`);
    return element("div", {class: "card"}, element("h3", {}, title), element("p", {}, why.sentence),
        element("p", {class: "note"}, `Changes on the critical path of a step in the long run. By unit, as by operator, they add up to the difference of the steps. The ${most} largest of each.`),
        element("div", {class: "pair"}, parts(why.critical_path, "Unit", ({name, reason}) => `${name}: ${reason}`), parts(why.ops, "Operator", ({name}) => name)));
}

export function comparison(results, causes, parameters) {
    return {
        id: "comparison", title: "Side by side",
        content: [headline(results), differences(results, parameters), element("div", {class: "pair"}, phases(results), busyUnits(results)), ...results.slice(1).map((result, i) => cause(result, causes[i])), losses(results)],
    };
}
