// SPDX-License-Identifier: Apache-2.0
// How busy units and memories were in the course of the run, in windows of equal length.
import {axis, figure, legend, tip} from "../chart.js";
import {tooltip} from "../dom.js";
import {percent, plain, quantity, quantityUnit, time, timeUnit} from "../format.js";
import {activities, look, palette} from "../palette.js";

/** The windows of a result: where each begins, how long it is, and what the axis of time needs. */
function windowsOf(result) {
    const total = result.totals.time_ps;
    const {window_ps: width, units, counters} = result.over_time;
    const count = Math.max(...units.map((unit) => unit.busy_ps.length), ...counters.map((counter) => counter.values.length), 0);
    const {size, unit} = timeUnit(total);
    const length = (i) => Math.min(width, total - i * width);
    return {total, width, count, size, unit, length, from: (i) => i * width / size};
}

const timeAxis = (theme, windows, more = {}) => axis(theme, {type: "value", min: 0, max: windows.total / windows.size, splitLine: {show: false},
    name: `time since reset (${windows.unit})`, nameLocation: "middle", nameGap: 26, ...more, axisLabel: {formatter: plain, showMaxLabel: false, ...more.axisLabel}});

/** Each value from the beginning of its window to the end. */
function area(name, style, values, windows, more = {}) {
    return {
        name, type: "line", step: "end", symbol: "none", stack: "all", lineStyle: {width: 0}, itemStyle: {color: style.colour, decal: style.decal},
        areaStyle: {color: style.colour, opacity: 0.9, decal: style.decal},
        data: [...values.map((value, i) => [windows.from(i), value]), [windows.total / windows.size, values.at(-1)]], ...more,
    };
}

/** The window that a tooltip is about: the point behind the last window is its end. */
const indexOf = (parts, windows) => Math.min(windows.count - 1, parts[0].dataIndex);

/** A lane a unit. */
export function unitsOverTime(result) {
    const windows = windowsOf(result);
    const {units} = result.over_time;
    const tall = 46;
    const present = activities.filter(({key}) => units.some((unit) => key === "busy" || unit.stalls[key]));
    const values = (unit, key) => (key === "busy" ? unit.busy_ps : unit.stalls[key] ?? unit.busy_ps.map(() => 0));
    return figure({
        id: "units-over-time", title: "Busy and waiting over time", height: 84 + units.length * (tall + 12),
        note: `One lane a unit, from 0 to 100 % of each of ${windows.count} windows of ${time(windows.width)}. What is empty is idle.`,
        option: (theme) => {
            const colours = palette(theme);
            return {
                legend: legend(theme, {icon: "roundRect", data: present.map(({title}) => title)}),
                tooltip: tip(theme, (parts) => {
                    const i = indexOf(parts, windows);
                    const unit = units[parts[0].axisIndex ?? 0];
                    return tooltip(`${unit.name}, ${time(i * windows.width)} to ${time(i * windows.width + windows.length(i))}`,
                        present.map(({key, title}) => [title, percent(values(unit, key)[i] / windows.length(i))]));
                }, {trigger: "axis"}),
                grid: units.map((_, i) => ({left: 70, right: 16, top: 34 + i * (tall + 12), height: tall, outerBoundsMode: "none", show: true, borderWidth: 0, backgroundColor: colours.track})),
                xAxis: units.map((_, i) => timeAxis(theme, windows, {gridIndex: i, ...(i === units.length - 1 ? {} : {name: "", axisLabel: {show: false}})})),
                yAxis: units.map((unit, i) => axis(theme, {type: "value", gridIndex: i, min: 0, max: 1, interval: 1, name: unit.name, nameLocation: "middle", nameRotate: 0, nameGap: 8, nameTextStyle: {color: colours.text, align: "right"}, axisLabel: {show: false}, splitLine: {show: false}})),
                series: units.flatMap((unit, i) => present.filter(({key}) => key === "busy" || unit.stalls[key]).map(({key, title, look: index}) => area(title, look(index, theme),
                    values(unit, key).map((value, window) => value / windows.length(window)), windows, {xAxisIndex: i, yAxisIndex: i, stack: unit.name}))),
            };
        },
        table: {
            columns: [{title: "From"}, ...units.map((unit) => ({title: `${unit.name} busy`, numeric: true}))],
            rows: () => Array.from({length: windows.count}, (_, i) => [time(i * windows.width), ...units.map((unit) => percent(unit.busy_ps[i] / windows.length(i)))]),
        },
    });
}

/** What of the bursts hit an open row, null without a burst. */
function hits(counter, i) {
    const [hit, miss, conflict] = ["dram.row_hits", "dram.row_misses", "dram.row_conflicts"].map((name) => counter(name)?.[i] ?? 0);
    return hit + miss + conflict > 0 ? hit / (hit + miss + conflict) : null;
}

export function dramOverTime(result) {
    const counter = (name) => result.over_time.counters.find((each) => each.name === name)?.values;
    const [read, written] = [counter("dram.read_bytes"), counter("dram.write_bytes")];
    if (!read || !written) return null;
    const windows = windowsOf(result);
    const peak = result.memories.find((memory) => memory.name === "dram")?.peak_bytes_per_second ?? 0;
    const rate = (values) => values.map((value, i) => value / (windows.length(i) / 1e12));
    const largest = Math.max(peak, ...read.map((value, i) => (value + written[i]) / (windows.length(i) / 1e12)));
    const {size, unit} = quantityUnit(largest, "B/s");
    return figure({
        id: "dram", title: "DRAM bandwidth and row hits over time", height: 380,
        note: `Windows of ${time(windows.width)}. Above: bytes read and written; the line is the peak. Below: bursts that found their row open.`,
        option: (theme) => {
            const colours = palette(theme);
            return {
                legend: legend(theme, {icon: "roundRect", data: ["read", "written", "row hits"]}),
                tooltip: tip(theme, (parts) => {
                    const i = indexOf(parts, windows);
                    const seconds = windows.length(i) / 1e12;
                    const share = hits(counter, i);
                    return tooltip(`${time(i * windows.width)} to ${time(i * windows.width + windows.length(i))}`, [["read", quantity(read[i] / seconds, "B/s")],
                        ["written", quantity(written[i] / seconds, "B/s")], ["of peak", percent((read[i] + written[i]) / seconds / peak)], ["row hits", share === null ? "no burst" : percent(share)]]);
                }, {trigger: "axis"}),
                grid: [{left: 70, right: 16, top: 36, height: 180}, {left: 70, right: 16, top: 246, height: 80}],
                xAxis: [timeAxis(theme, windows, {gridIndex: 0, name: "", axisLabel: {show: false}}), timeAxis(theme, windows, {gridIndex: 1})],
                yAxis: [axis(theme, {type: "value", gridIndex: 0, name: unit, nameLocation: "middle", nameGap: 46, max: largest / size * 1.14, axisLabel: {formatter: plain, showMaxLabel: false}}),
                    axis(theme, {type: "value", gridIndex: 1, name: "row hits (%)", nameLocation: "middle", nameGap: 46, min: 0, max: 1, interval: 0.5, axisLabel: {formatter: (value) => Math.round(value * 100)}})],
                series: [
                    area("read", look(0, theme), rate(read).map((value) => value / size), windows, {markLine: {silent: true, symbol: "none", lineStyle: {color: colours.soft, type: "dashed"}, label: {position: "insideEndTop", color: colours.soft, formatter: `peak ${quantity(peak, "B/s")}`}, data: [{yAxis: peak / size}]}}),
                    area("written", look(1, theme), rate(written).map((value) => value / size), windows),
                    {...area("row hits", look(2, theme), read.map((_, i) => hits(counter, i)), windows, {xAxisIndex: 1, yAxisIndex: 1, stack: "hits"}), lineStyle: {width: 1.5, color: look(2, theme).colour}, areaStyle: {color: look(2, theme).colour, opacity: 0.25}},
                ],
            };
        },
        table: {
            columns: [{title: "From"}, {title: "Read", numeric: true}, {title: "Written", numeric: true}, {title: "Row hits", numeric: true}],
            rows: () => read.map((_, i) => [time(i * windows.width), quantity(read[i], "B"), quantity(written[i], "B"), hits(counter, i) === null ? "–" : percent(hits(counter, i))]),
        },
    });
}

export function powerOverTime(result) {
    const power = result.over_time?.power_w;
    if (!power?.length) return null;
    const windows = windowsOf(result);
    const total = power[0].values.map((_, i) => power.reduce((sum, block) => sum + block.values[i], 0));
    const {size, unit} = quantityUnit(Math.max(...total), "W");
    const blocks = [...power].sort((a, b) => Math.max(...b.values) - Math.max(...a.values));
    return figure({
        id: "power", title: "Power over time", height: 330,
        note: `Mean power of each block in windows of ${time(windows.width)}, one above the other.`,
        option: (theme) => ({
            legend: legend(theme, {icon: "roundRect"}),
            tooltip: tip(theme, (parts) => {
                const i = indexOf(parts, windows);
                return tooltip(`${time(i * windows.width)}: ${quantity(total[i], "W")}`, blocks.map((block) => [block.block, quantity(block.values[i], "W")]));
            }, {trigger: "axis"}),
            grid: {left: 70, right: 16, top: 40, bottom: 46},
            xAxis: timeAxis(theme, windows),
            yAxis: axis(theme, {type: "value", name: `power (${unit})`, nameLocation: "middle", nameGap: 46, axisLabel: {formatter: plain}}),
            series: blocks.map((block, i) => area(block.block, look(i, theme), block.values.map((value) => value / size), windows)),
        }),
        table: {
            columns: [{title: "From"}, {title: "All blocks", numeric: true}, ...blocks.map((block) => ({title: block.block, numeric: true}))],
            rows: () => total.map((sum, i) => [time(i * windows.width), quantity(sum, "W"), ...blocks.map((block) => quantity(block.values[i], "W"))]),
        },
    });
}
