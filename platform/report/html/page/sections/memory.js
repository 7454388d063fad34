// SPDX-License-Identifier: Apache-2.0
// The DRAM: how fast it was, and what lies in it.
import {axis, figure, tip} from "../chart.js";
import {element, table, tooltip} from "../dom.js";
import {capacity, capacityUnit, count, percent, plain, quantity} from "../format.js";
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

const kinds = [["parameters", "parameters"], ["gradients", "gradients"], ["moments", "moments (Adam)"], ["activations", "activations, at their peak"], ["image", "schedule and inputs"]];

function byKind(result) {
    const plan = result.memory_plan;
    const rows = kinds.map(([key, title]) => ({title, bytes: plan[`${key}_bytes`]})).filter((row) => row.bytes > 0).reverse();
    const room = result.memories.find((memory) => memory.name === "dram")?.capacity_bytes ?? 0;
    const total = rows.reduce((sum, row) => sum + row.bytes, 0);
    const {size, unit} = capacityUnit(Math.max(...rows.map((row) => row.bytes)));
    return figure({
        id: "memory-kinds", title: "What lies in DRAM", height: 60 + 34 * rows.length,
        note: `${capacity(total)} of ${capacity(room)} (${percent(total / room)}).`,
        option: (theme) => {
            const colours = palette(theme);
            return {
                grid: {left: 168, right: 84, top: 4, bottom: 42},
                tooltip: tip(theme, ({name, value}) => tooltip(name, [["bytes", capacity(value * size)], ["of all that is planned", percent(value * size / total)]])),
                xAxis: axis(theme, {type: "value", name: unit, nameLocation: "middle", nameGap: 26, splitNumber: 4, axisLabel: {formatter: plain}}),
                yAxis: axis(theme, {type: "category", data: rows.map((row) => row.title), axisLabel: {color: colours.text}}),
                series: [{type: "bar", barWidth: 16, itemStyle: {color: look(0, theme).colour, borderRadius: 2}, data: rows.map((row) => row.bytes / size),
                    label: {show: true, position: "right", color: colours.text, formatter: ({value}) => capacity(value * size)}}],
            };
        },
        table: {columns: [{title: "Kind"}, {title: "Bytes", numeric: true}, {title: "Share", numeric: true}],
            rows: () => [...rows].reverse().map((row) => [row.title, count(row.bytes), percent(row.bytes / total)])},
    });
}

function overOperators(result) {
    const bytes = result.memory_plan.activation_bytes_by_op;
    const names = new Map(result.ops.map((op) => [op.op, op]));
    const {size, unit} = capacityUnit(Math.max(...bytes));
    return figure({
        id: "memory-activations", title: "Activations alive in the course of a step", height: 300,
        note: "From the forward to the backward pass, operator by operator. Parameters, gradients and moments stay all the time.",
        option: (theme) => {
            const style = look(3, theme);
            return {
                grid: {left: 70, right: 20, top: 14, bottom: 46},
                tooltip: tip(theme, ([{dataIndex}]) => tooltip(`operator ${dataIndex}${names.has(dataIndex) ? `: ${names.get(dataIndex).name}, ${names.get(dataIndex).phase}` : ""}`, [["alive", capacity(bytes[dataIndex])]]), {trigger: "axis"}),
                xAxis: axis(theme, {type: "value", name: "operator of the schedule", nameLocation: "middle", nameGap: 28, max: bytes.length - 1, splitLine: {show: false}}),
                yAxis: axis(theme, {type: "value", name: unit, nameLocation: "middle", nameGap: 46, axisLabel: {formatter: plain}}),
                series: [{type: "line", step: "end", symbol: "none", lineStyle: {color: style.colour, width: 1.5}, itemStyle: {color: style.colour}, areaStyle: {color: style.colour, opacity: 0.18}, data: bytes.map((value, i) => [i, value / size])}],
            };
        },
        table: {columns: [{title: "Operator"}, {title: "Name"}, {title: "Alive", numeric: true}],
            rows: () => bytes.map((value, i) => [String(i), names.get(i)?.name ?? "–", capacity(value)])},
    });
}

export function memory(result) {
    const plan = result.memory_plan;
    return {
        id: "memory", title: "Memory",
        content: [
            memories(result),
            result.over_time ? dramOverTime(result) : element("p", {class: "absent"}, "DRAM bandwidth over time is not in this result."),
            plan ? element("div", {class: "pair"}, byKind(result), plan.activation_bytes_by_op.length > 1 ? overOperators(result) : null)
                : element("p", {class: "absent"}, "The memory plan is not in this result."),
        ],
    };
}
