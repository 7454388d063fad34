// SPDX-License-Identifier: Apache-2.0
// One key: a bar a value, coloured by what bounds that chip.
import {axis, figure, tip} from "../chart.js";
import {tooltip} from "../dom.js";
import {quantity, tick, time} from "../format.js";
import {legend} from "../legend.js";
import {look, palette} from "../palette.js";
import {boundOf, times} from "./speed.js";

export function bars([key], points) {
    const bounds = [...new Set(points.filter((point) => point.bound).map((point) => `bound by ${boundOf(point.bound)}`))];
    const names = [...bounds, ...(points.some((point) => point.failure !== undefined) ? ["cannot run"] : [])];
    const largest = Math.max(1, ...points.map((point) => point.speedup ?? 0));
    return [figure({
        id: "values", title: `Training speed by ${key.name}`, height: 380,
        note: "Of the last step of each run, relative to the chip as it is, the line. Colour and pattern say what bounds each chip.",
        option: (theme) => {
            const colours = palette(theme);
            return {
                legend: legend(theme, {data: names}),
                grid: {left: 64, right: 70, top: 48, bottom: 56},
                tooltip: tip(theme, ({dataIndex}) => {
                    const point = points[dataIndex];
                    return tooltip(`${key.name} = ${key.levels[dataIndex]}`, point.failure !== undefined ? [["cannot run", point.failure]]
                        : [["speed", times(point.speedup)], ["a step", time(point.step_ps)], ["training speed", quantity(point.tokens_per_second, "tokens/s")], ["bound by", boundOf(point.bound)]]);
                }),
                xAxis: axis(theme, {type: "category", data: key.levels, name: key.name, nameLocation: "middle", nameGap: 32, axisLabel: {color: colours.text}, splitLine: {show: false}}),
                yAxis: axis(theme, {type: "value", min: 0, max: largest * 1.08, name: "training speed (×)", nameLocation: "middle", nameGap: 44, axisLabel: {formatter: tick, showMaxLabel: false}}),
                series: names.map((name, i) => ({
                    name, type: "bar", stack: "all", barMaxWidth: 56, itemStyle: {color: look(i, theme).colour, decal: look(i, theme).decal},
                    label: {show: points.length <= 24, position: "top", color: colours.text, formatter: ({dataIndex}) => (points[dataIndex].failure !== undefined ? "✕" : times(points[dataIndex].speedup))},
                    data: points.map((point) => (point.failure !== undefined ? (name === "cannot run" ? 0 : null) : `bound by ${boundOf(point.bound)}` === name ? point.speedup : null)),
                    markLine: i ? undefined : {silent: true, symbol: "none", lineStyle: {color: colours.soft, type: "dashed"}, label: {position: "end", color: colours.soft, formatter: "as it is"}, data: [{yAxis: 1}]},
                })),
            };
        },
        table: {
            columns: [{title: key.name}, {title: "Speed", numeric: true}, {title: "A step", numeric: true}, {title: "Training speed", numeric: true}, {title: "Bound by"}],
            rows: () => points.map((point, i) => (point.failure !== undefined ? [key.levels[i], "–", "–", "–", point.failure]
                : [key.levels[i], times(point.speedup), time(point.step_ps), quantity(point.tokens_per_second, "tokens/s"), boundOf(point.bound)])),
        },
    })];
}
