// SPDX-License-Identifier: Apache-2.0
// The DRAM: how fast it was, and what lies in it.
import {axis, figure, names, tip} from "../chart.js";
import {element, table, tooltip} from "../dom.js";
import {capacity, capacityUnit, count, percent, quantity, tick, time, timeUnit} from "../format.js";
import {legend} from "../legend.js";
import {look, palette} from "../palette.js";
import {dramOverTime} from "./over_time.js";

function memories(result) {
    return element("div", {class: "card"}, element("h3", {}, "All memories over the run"), table(
        [{title: "Memory"}, {title: "Capacity", numeric: true}, {title: "Read", numeric: true}, {title: "Written", numeric: true}, {title: "Mean rate", numeric: true}, {title: "Of peak", numeric: true}, {title: "Row hits", numeric: true}],
        result.memories.map((memory) => {
            const bursts = (memory.row_hits ?? 0) + (memory.row_misses ?? 0) + (memory.row_conflicts ?? 0);
            return [memory.name, capacity(memory.capacity_bytes), quantity(memory.bytes_read, "B"), quantity(memory.bytes_written, "B"), quantity(memory.bytes_per_second, "B/s"),
                memory.peak_bytes_per_second ? percent(memory.bytes_per_second / memory.peak_bytes_per_second) : "–", bursts ? percent(memory.row_hits / bursts) : "–"];
        }), "Memories"));
}

const kinds = [["parameters", "parameters"], ["weights", "weights in bf16"], ["gradients", "gradients"], ["moments", "moments of the optimizer"], ["constants", "constants"], ["activations", "activations, at their peak"], ["image", "schedule and inputs"]];
const titles = {...Object.fromEntries(kinds), activations: "activations and their gradients"};

function byKind(result) {
    const plan = result.memory_plan;
    const rows = kinds.map(([key, title]) => ({title, bytes: plan[`${key}_bytes`]})).filter((row) => row.bytes > 0).reverse();
    const room = result.memories.find((memory) => memory.name === "dram")?.capacity_bytes ?? 0;
    const total = rows.reduce((sum, row) => sum + row.bytes, 0);
    const {size, unit} = capacityUnit(Math.max(...rows.map((row) => row.bytes)));
    return figure({
        id: "memory-kinds", title: "What lies in DRAM", height: 60 + 34 * rows.length,
        note: `As planned for the whole run: ${capacity(total)} of ${capacity(room)} (${percent(total / room)}).`,
        option: (theme, {width}) => {
            const colours = palette(theme);
            const {room, label} = names(theme, rows.map((row) => row.title), width);
            return {
                grid: {left: room, right: 84, top: 4, bottom: 42},
                tooltip: tip(theme, ({name, value}) => tooltip(name, [["bytes", capacity(value * size)], ["of all that is planned", percent(value * size / total)]])),
                xAxis: axis(theme, {type: "value", name: unit, nameLocation: "middle", nameGap: 26, splitNumber: 4, axisLabel: {formatter: tick}}),
                yAxis: axis(theme, {type: "category", data: rows.map((row) => row.title), axisLabel: label}),
                series: [{type: "bar", barWidth: 16, itemStyle: {color: look(0, theme).colour, borderRadius: 2}, data: rows.map((row) => row.bytes / size),
                    label: {show: true, position: "right", color: colours.text, formatter: ({value}) => capacity(value * size)}}],
            };
        },
        table: {columns: [{title: "Kind"}, {title: "Bytes", numeric: true}, {title: "Share", numeric: true}],
            rows: () => [...rows].reverse().map((row) => [row.title, count(row.bytes), percent(row.bytes / total)])},
    });
}

/** What is alive in the course of a step: constants below, activations on top. */
function overStep(result) {
    const plan = result.memory_plan;
    const {course, length_ps: length} = result.alive;
    const ops = new Map(result.ops.filter((op) => op.phase !== "generate" && op.phase !== "validate").map((op) => [op.op, op]));
    const constant = kinds.filter(([key]) => key !== "activations" && plan[`${key}_bytes`] > 0).reverse();
    const below = constant.reduce((sum, [key]) => sum + plan[`${key}_bytes`], 0);
    const {size, unit} = capacityUnit(below + Math.max(...course.map(([, bytes]) => bytes)));
    const scale = timeUnit(length);
    const opAt = (time) => course.findLastIndex(([begin]) => begin <= time * scale.size * 1.0000001);
    const nameOf = (i) => (ops.has(i) ? `${ops.get(i).name}, ${ops.get(i).phase}` : `operator ${i}`);
    return figure({
        id: "memory-alive", title: "What is alive in the course of a step", height: 340,
        note: "In a mean step of the run: an operator begins where those before it have been charged. Click on a kind in the legend to leave it out.",
        option: (theme) => {
            const flat = (key, i) => ({name: titles[key], type: "line", stack: "all", symbol: "none", lineStyle: {width: 0}, itemStyle: {color: look(i, theme).colour, decal: look(i, theme).decal},
                areaStyle: {color: look(i, theme).colour, decal: look(i, theme).decal, opacity: 0.9}, data: [...course.map(([begin]) => begin), length].map((time) => [time / scale.size, plan[`${key}_bytes`] / size])});
            const style = look(0, theme);
            return {
                legend: legend(theme, {icon: "roundRect", data: [titles.activations, ...[...constant].reverse().map(([key]) => titles[key])]}),
                grid: {left: 70, right: 20, top: 40, bottom: 46},
                tooltip: tip(theme, ([{axisValue}]) => {
                    const i = Math.max(0, opAt(axisValue));
                    return tooltip(`${time(course[i][0])}: ${nameOf(i)}`, [[titles.activations, capacity(course[i][1])], ...[...constant].reverse().map(([key]) => [titles[key], capacity(plan[`${key}_bytes`])]), ["in all", capacity(below + course[i][1])]]);
                }, {trigger: "axis"}),
                xAxis: axis(theme, {type: "value", name: `time since the step began (${scale.unit})`, nameLocation: "middle", nameGap: 28, max: length / scale.size, axisLabel: {formatter: tick, showMaxLabel: false}, splitLine: {show: false}}),
                yAxis: axis(theme, {type: "value", name: unit, nameLocation: "middle", nameGap: 46, axisLabel: {formatter: tick}}),
                series: [...constant.map(([key], i) => flat(key, constant.length - i)),
                    {name: titles.activations, type: "line", step: "end", stack: "all", symbol: "none", lineStyle: {width: 0}, itemStyle: {color: style.colour}, areaStyle: {color: style.colour, opacity: 0.9},
                        data: [...course, [length, course.at(-1)[1]]].map(([begin, bytes]) => [begin / scale.size, bytes / size])}],
            };
        },
        table: {columns: [{title: "Operator"}, {title: "Begins", numeric: true}, {title: "Activations", numeric: true}, {title: "In all", numeric: true}],
            rows: () => course.map(([begin, bytes], i) => [nameOf(i), time(begin), capacity(bytes), capacity(below + bytes)])},
    });
}

export function memory(result) {
    const plan = result.memory_plan;
    return {
        id: "memory", title: "Memory",
        content: [
            memories(result),
            result.over_time ? dramOverTime(result) : element("p", {class: "absent"}, "DRAM bandwidth over time is not in this result."),
            ...(plan ? [byKind(result), result.alive ? overStep(result) : null] : [element("p", {class: "absent"}, "The memory plan is not in this result.")]),
        ],
    };
}
