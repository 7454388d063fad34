// SPDX-License-Identifier: Apache-2.0
// Every operator under the roofs of the chip. S. Williams, A. Waterman, D. Patterson, Roofline, CACM 52(4), 2009.
// Operations are multiply-accumulates of the matrix unit, or elements of the vector unit for operators without any.
import {axis, figure, tip} from "../chart.js";
import {element, tooltip} from "../dom.js";
import {count, percent, plain, quantity, tick, time, unpadded} from "../format.js";
import {legend} from "../legend.js";
import {palette, phaseLook, phaseNames} from "../palette.js";

// A result that does not know the clocks of its units has the chip's.
const cyclesASecond = (result, unit) => unit.clock_period_ps ? 1e12 / unit.clock_period_ps : result.chip.clock_hz;

function peak(result, kind) {
    return result.units.filter((unit) => unit.kind === kind).reduce((sum, unit) => sum + unit.peak_per_cycle * cyclesASecond(result, unit), 0);
}

function points(result) {
    return result.ops.flatMap((op) => {
        const operations = op.macs || op.elements;
        const bytes = op.dram_bytes_read + op.dram_bytes_written;
        if (!operations || !bytes || !op.time_ps) return [];
        return [{op, operations, bytes, intensity: operations / bytes, rate: operations / (op.time_ps / 1e12)}];
    });
}

const roofName = (kind, rate) => `${kind} peak ${unpadded(quantity(rate, kind === "matrix" ? "MAC/s" : "elements/s"))}`;
const power = (value, round) => 10 ** round(Math.log10(value));
const decade = (value) => unpadded(quantity(value));

export function roofline(result) {
    const dram = result.memories.find((memory) => memory.name === "dram");
    const bandwidth = dram?.peak_bytes_per_second;
    const all = points(result);
    if (!bandwidth || all.length === 0)
        return {id: "roofline", title: "Roofline", content: [element("p", {class: "absent"}, "No roofline: no operator of this run both moved DRAM bytes and computed.")]};
    const roofs = [["matrix", peak(result, "matrix")], ["vector", peak(result, "vector")]].filter(([, rate]) => rate > 0);
    const outside = result.ops.filter((op) => op.time_ps > 0).length - all.length;
    const smallest = power(Math.min(...all.map((point) => point.intensity), ...roofs.map(([, rate]) => rate / bandwidth / 10)), Math.floor);
    const largest = power(Math.max(...all.map((point) => point.intensity), ...roofs.map(([, rate]) => rate / bandwidth * 10)), Math.ceil);
    const lowest = power(Math.min(...all.map((point) => point.rate)), Math.floor);
    const highest = power(Math.max(...roofs.map(([, rate]) => rate), ...all.map((point) => point.rate)) * 1.5, Math.ceil);
    const longest = Math.max(...all.map((point) => point.op.time_ps));
    const present = phaseNames.filter((phase) => all.some((point) => point.op.phase === phase));

    const made = figure({
        id: "roofline", title: "Operators against compute and memory roofs", height: 480,
        note: "Over the whole run. Each mark is an operator, its area the time it took. Left of a roof's bend DRAM bandwidth limits, right of it the unit. An operator far below its roof loses time elsewhere: issue, fences, latency. One that runs beside others is charged little time, and may stand above.",
        option: (theme) => {
            const colours = palette(theme);
            return {
                grid: {left: 76, right: 24, top: 40, bottom: 52},
                legend: legend(theme, {data: [...present, ...roofs.map(([kind, rate]) => ({name: roofName(kind, rate), itemStyle: {opacity: 0}}))]}),
                tooltip: tip(theme, ({data}) => data.point && tooltip(`${data.point.op.name}, ${data.point.op.phase}`, [
                    ["shape", data.point.op.shape || "–"], ["time", time(data.point.op.time_ps)],
                    [data.point.op.macs ? "MACs" : "elements", count(data.point.operations)], ["DRAM traffic", quantity(data.point.bytes, "B")],
                    ["intensity", `${plain(data.point.intensity)} /B`], ["reached", quantity(data.point.rate, "/s")],
                    ["of its roof", percent(data.point.rate / Math.min(data.point.intensity * bandwidth, peak(result, data.point.op.macs ? "matrix" : "vector")))]])),
                xAxis: axis(theme, {type: "log", min: smallest, max: largest, name: "operations a byte of DRAM traffic (1/B)", nameLocation: "middle", nameGap: 32, axisLabel: {formatter: tick}}),
                yAxis: axis(theme, {type: "log", min: lowest, max: highest, name: "operations a second (1/s)", nameLocation: "middle", nameGap: 56, axisLabel: {formatter: decade}}),
                series: [
                    ...roofs.map(([kind, rate], i) => ({
                        name: roofName(kind, rate), type: "line", silent: true, symbol: "none", z: 1, lineStyle: {color: colours.soft, width: 1.5, type: i === 0 ? "solid" : "dashed"},
                        data: [[Math.max(smallest, lowest / bandwidth), Math.max(smallest, lowest / bandwidth) * bandwidth], [rate / bandwidth, rate], [largest, rate]],
                    })),
                    ...present.map((phase) => {
                        const style = phaseLook(phase, theme);
                        return {
                            name: phase, type: "scatter", symbol: style.symbol, z: 2,
                            itemStyle: {color: style.colour, opacity: 0.72, borderColor: colours.surface, borderWidth: 0.5},
                            emphasis: {itemStyle: {opacity: 1}},
                            symbolSize: (value, {data}) => 5 + 30 * Math.sqrt(data.point.op.time_ps / longest),
                            data: all.filter((point) => point.op.phase === phase).sort((a, b) => b.op.time_ps - a.op.time_ps)
                                .map((point) => ({value: [point.intensity, point.rate], point})),
                        };
                    }),
                ],
            };
        },
        table: {
            columns: [{title: "Operator"}, {title: "Phase"}, {title: "Operations", numeric: true}, {title: "DRAM traffic", numeric: true}, {title: "Intensity (1/B)", numeric: true}, {title: "Reached (1/s)", numeric: true}],
            rows: () => all.map((point) => [point.op.name, point.op.phase, count(point.operations), quantity(point.bytes, "B"), plain(point.intensity), quantity(point.rate)]),
        },
    });
    return {
        id: "roofline", title: "Roofline",
        lead: `Sloped: DRAM at ${quantity(bandwidth, "B/s")}.${outside > 0 ? ` ${outside} operators that move no DRAM bytes or compute nothing are in the nested chart only.` : ""}`,
        content: [made],
    };
}
