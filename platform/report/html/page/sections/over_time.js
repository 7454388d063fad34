// SPDX-License-Identifier: Apache-2.0
// How busy units and memories were in the course of the run, in windows of equal length.
import {axis, figure, tip} from "../chart.js";
import {tooltip} from "../dom.js";
import {percent, quantity, quantityUnit, tick, time, timeUnit, unpadded} from "../format.js";
import {legend} from "../legend.js";
import {activities, look, palette} from "../palette.js";

/** The windows of a result: where each begins, how long it is, and what the axis of time needs. */
function windowsOf(result) {
    const total = result.totals.time_ps;
    const {window_ps: width, units, counters} = result.over_time;
    const count = Math.max(...units.map((unit) => unit.busy_ps.length), ...counters.map((counter) => counter.values.length), 0);
    const {size, unit} = timeUnit(total);
    const length = (i) => Math.min(width, total - i * width);
    const from = (i) => i * width / size;
    const to = (i) => (i * width + length(i)) / size;
    return {total, width, count, size, unit, length, from, to, middle: (i) => (from(i) + to(i)) / 2};
}

const timeAxis = (theme, windows, more = {}) => axis(theme, {type: "value", min: 0, max: windows.total / windows.size, splitLine: {show: false},
    name: `time since reset (${windows.unit})`, nameLocation: "middle", nameGap: 26, ...more, axisLabel: {formatter: tick, showMaxLabel: false, ...more.axisLabel}});

/** Charts are drawn with two pixels of the device a pixel, at least. Edges lie on them, and what is lower than half of one leaves
 *  nothing, not even a fringe. */
const pixel = 0.5;
const onPixel = (position) => Math.round(position / pixel) * pixel;

/** Outlines with right angles, as an SVG path, of windows that follow each other, each from `floor` to `floor` and `values`
 *  together. Windows without a value, or too low to be seen, end an outline. */
function outlines(values, floor, windows, place) {
    let path = "";
    let top = [];
    let bottom = [];
    const close = () => {
        if (top.length > 0) path += `M${[...top, ...bottom.reverse()].map((point) => point.join(" ")).join("L")}Z`;
        [top, bottom] = [[], []];
    };
    values.forEach((value, i) => {
        const [begin, end] = [place(windows.from(i), floor[i]), place(windows.to(i), floor[i] + (value ?? 0))];
        const [[left, low], [right, high]] = [begin.map(onPixel), end.map(onPixel)];
        if (begin[1] - end[1] < pixel / 2 || high === low || right === left) return close();
        top.push([left, high], [right, high]);
        bottom.push([left, low], [right, low]);
    });
    close();
    return path;
}

/** Parts {name, style, values}, one above the other; those that the legend leaves out take no room. */
function layers(parts, windows, shows, more = {}) {
    let floor = Array(windows.count).fill(0);
    return parts.map(({name, style, values, ...own}) => {
        const below = floor;
        if (shows(name)) floor = floor.map((value, i) => value + (values[i] ?? 0));
        return {
            name, type: "custom", clip: true, itemStyle: {color: style.colour, decal: style.decal}, encode: {x: 0, y: 1}, ...more, ...own,
            data: values.map((value, i) => [windows.middle(i), value === null ? null : below[i] + value]), // for the axis and the pointer
            renderItem: ({dataIndex}, api) => (dataIndex > 0 ? null : { // one drawing of all windows: neighbours leave no seam
                type: "path", name, shape: {pathData: outlines(values, below, windows, (x, y) => api.coord([x, y]))},
                style: {fill: style.colour, decal: style.decal},
            }),
        };
    });
}

/** A lane a unit. */
export function unitsOverTime(result) {
    const windows = windowsOf(result);
    const {units} = result.over_time;
    const tall = 46;
    const present = activities.filter(({key}) => units.some((unit) => key === "busy" || unit.stalls[key]));
    const values = (unit, key) => (key === "busy" ? unit.busy_ps : unit.stalls[key] ?? unit.busy_ps.map(() => 0));
    return figure({
        id: "units-over-time", title: "Busy and waiting over time", height: 78 + units.length * (tall + 12),
        note: `Over the whole run: one lane a unit, from 0 to 100 % of each of ${windows.count} windows of ${time(windows.width)}. What is empty is idle.`,
        option: (theme, {shows}) => {
            const colours = palette(theme);
            return {
                legend: legend(theme, {icon: "roundRect", data: present.map(({title}) => title)}),
                tooltip: tip(theme, (parts) => {
                    const i = parts[0].dataIndex;
                    const unit = units[parts[0].axisIndex ?? 0];
                    return tooltip(`${unit.name}, ${time(i * windows.width)} to ${time(i * windows.width + windows.length(i))}`,
                        present.map(({key, title}) => [title, percent(values(unit, key)[i] / windows.length(i))]));
                }, {trigger: "axis"}),
                grid: units.map((_, i) => ({left: 70, right: 16, top: 34 + i * (tall + 12), height: tall, outerBoundsMode: "none", show: true, borderWidth: 0, backgroundColor: colours.track})),
                xAxis: units.map((_, i) => timeAxis(theme, windows, {gridIndex: i, ...(i === units.length - 1 ? {} : {name: "", axisLabel: {show: false}})})),
                yAxis: units.map((unit, i) => axis(theme, {type: "value", gridIndex: i, min: 0, max: 1, interval: 1, name: unit.name, nameLocation: "middle", nameRotate: 0, nameGap: 8, nameTextStyle: {color: colours.text, align: "right"}, axisLabel: {show: false}, splitLine: {show: false}})),
                series: units.flatMap((unit, i) => layers(present.filter(({key}) => key === "busy" || unit.stalls[key]).map(({key, title, look: index}) => ({
                    name: title, style: look(index, theme), values: values(unit, key).map((value, window) => value / windows.length(window)),
                })), windows, shows, {xAxisIndex: i, yAxisIndex: i})),
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
        note: `Over the whole run, in windows of ${time(windows.width)}. Above: bytes read and written; the line is the peak. Below: bursts that found their row open.`,
        option: (theme, {shows}) => {
            const colours = palette(theme);
            return {
                legend: legend(theme, {icon: "roundRect", data: ["read", "written", "row hits"]}),
                tooltip: tip(theme, (parts) => {
                    const i = parts[0].dataIndex;
                    const seconds = windows.length(i) / 1e12;
                    const share = hits(counter, i);
                    return tooltip(`${time(i * windows.width)} to ${time(i * windows.width + windows.length(i))}`, [["read", quantity(read[i] / seconds, "B/s")],
                        ["written", quantity(written[i] / seconds, "B/s")], ["of peak", percent((read[i] + written[i]) / seconds / peak)], ["row hits", share === null ? "no burst" : percent(share)]]);
                }, {trigger: "axis"}),
                grid: [{left: 70, right: 16, top: 36, height: 180}, {left: 70, right: 16, top: 246, height: 80}],
                xAxis: [timeAxis(theme, windows, {gridIndex: 0, name: "", axisLabel: {show: false}}), timeAxis(theme, windows, {gridIndex: 1})],
                yAxis: [axis(theme, {type: "value", gridIndex: 0, name: unit, nameLocation: "middle", nameGap: 46, max: largest / size * 1.14, axisLabel: {formatter: tick, showMaxLabel: false}}),
                    axis(theme, {type: "value", gridIndex: 1, name: "row hits (%)", nameLocation: "middle", nameGap: 46, min: 0, max: 1, interval: 0.5, axisLabel: {formatter: (value) => Math.round(value * 100)}})],
                series: [
                    ...layers([
                        {name: "read", style: look(0, theme), values: rate(read).map((value) => value / size),
                            markLine: {silent: true, symbol: "none", lineStyle: {color: colours.soft, type: "dashed"}, label: {position: "insideEndTop", color: colours.soft, formatter: `peak ${unpadded(quantity(peak, "B/s"))}`}, data: [{yAxis: peak / size}]}},
                        {name: "written", style: look(1, theme), values: rate(written).map((value) => value / size)},
                    ], windows, shows),
                    ...layers([{name: "row hits", style: look(2, theme), values: read.map((_, i) => hits(counter, i))}], windows, shows, {xAxisIndex: 1, yAxisIndex: 1}),
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
        note: `Over the whole run: mean power of each block in windows of ${time(windows.width)}, one above the other.`,
        option: (theme, {shows}) => ({
            legend: legend(theme, {icon: "roundRect"}),
            tooltip: tip(theme, (parts) => {
                const i = parts[0].dataIndex;
                return tooltip(`${time(i * windows.width)}: ${quantity(total[i], "W")}`, blocks.map((block) => [block.block, quantity(block.values[i], "W")]));
            }, {trigger: "axis"}),
            grid: {left: 70, right: 16, top: 40, bottom: 46},
            xAxis: timeAxis(theme, windows),
            yAxis: axis(theme, {type: "value", name: `power (${unit})`, nameLocation: "middle", nameGap: 46, axisLabel: {formatter: tick}}),
            series: layers(blocks.map((block, i) => ({name: block.block, style: look(i, theme), values: block.values.map((value) => value / size)})), windows, shows),
        }),
        table: {
            columns: [{title: "From"}, {title: "All blocks", numeric: true}, ...blocks.map((block) => ({title: block.block, numeric: true}))],
            rows: () => total.map((sum, i) => [time(i * windows.width), quantity(sum, "W"), ...blocks.map((block) => quantity(block.values[i], "W"))]),
        },
    });
}
