// SPDX-License-Identifier: Apache-2.0
// A tornado chart: a row a parameter, the largest effect on top, slower to the left and faster to the right.
import {axis, figure, names, tip} from "../chart.js";
import {tooltip} from "../dom.js";
import {time} from "../format.js";
import {legend} from "../legend.js";
import {look, palette} from "../palette.js";
import {boundOf, differs, logScale, times} from "./speed.js";

const sides = [{key: "twice", title: "twice", look: 0}, {key: "half", title: "half", look: 1}];
const signed = (elasticity) => (elasticity === null ? "–" : Math.abs(elasticity) < 0.005 ? "0" : `${elasticity < 0 ? "−" : "+"}${Math.abs(elasticity).toFixed(2)}`);
const titleOf = (row) => (row.resource ? row.name : `${row.name} (a yardstick)`);
const said = (side, of) => (side.skipped ? "left out" : of(side));

const beside = 66; // for the elasticities, which on a narrow page the table has alone
const figureRoom = 46; // for a figure between the longest bar and the names

export function tornado(parameters) {
    const rows = [...parameters].reverse();
    return figure({
        id: "tornado", title: "Training speed with half and with twice of a parameter", height: 112 + 34 * rows.length,
        note: "Of the last step of each run, relative to the chip as it is, on a logarithmic axis. Elasticity is d ln speed / d ln parameter: +1 is proportional, 0 without effect, negative where less is better. A bar without a figure changes less than 0.5 %.",
        option: (theme, {width}) => {
            const colours = palette(theme);
            const {room, label} = names(theme, rows.map(titleOf), width);
            const roomy = width >= 480;
            const right = roomy ? beside : 10;
            const half = (width - room - right) / 2;
            const scale = logScale(rows.flatMap((row) => sides.map(({key}) => row[key].speedup ?? 1)), half / Math.max(10, half - figureRoom));
            const labelled = roomy ? scale.ticks : [scale.ticks[0], 0, scale.ticks.at(-1)];
            return {
                legend: legend(theme, {data: sides.map(({title}) => title).reverse()}),
                grid: {left: room, right, top: 58, bottom: 46},
                tooltip: tip(theme, (bars) => {
                    const row = rows[bars[0].dataIndex];
                    return tooltip(titleOf(row), [...[...sides].reverse().flatMap(({key, title}) => [[title, said(row[key], (side) => `${times(side.speedup)}, ${time(side.step_ps)} a step`)],
                        ["", said(row[key], (side) => `bound by ${boundOf(side.bound)}`)]]), ["elasticity", signed(row.elasticity)]]);
                }, {trigger: "axis", axisPointer: {type: "shadow"}}),
                xAxis: axis(theme, {type: "value", min: scale.min, max: scale.max, name: "← slower     training speed     faster →", nameLocation: "middle", nameGap: 28,
                    axisTick: {show: false, customValues: scale.ticks}, axisLabel: {formatter: scale.label, customValues: labelled},
                    splitLine: {lineStyle: {color: colours.line}, customValues: scale.ticks}}),
                yAxis: [
                    axis(theme, {type: "category", data: rows.map(titleOf), axisLabel: label}),
                    axis(theme, {type: "category", position: "right", show: roomy, name: "elasticity", nameGap: 12, nameTextStyle: {align: "left", padding: [0, 0, 0, -4]}, data: rows.map(({elasticity}) => signed(elasticity)), axisLabel: {color: colours.text}}),
                ],
                series: sides.map((side, i) => ({
                    name: side.title, type: "bar", barWidth: 11, barGap: "10%", itemStyle: {color: look(side.look, theme).colour, decal: look(side.look, theme).decal},
                    data: rows.map((row) => {
                        const value = Math.log(row[side.key].speedup ?? 1);
                        return {value, label: {show: !row[side.key].skipped && differs(row[side.key].speedup), position: value < 0 ? "left" : "right"}};
                    }),
                    label: {color: colours.soft, fontSize: 11, distance: 4, formatter: ({dataIndex}) => times(rows[dataIndex][side.key].speedup)},
                    markLine: i ? undefined : {silent: true, symbol: "none", lineStyle: {color: colours.soft, type: "solid", width: 1}, label: {show: false}, data: [{xAxis: 0}]},
                })),
            };
        },
        table: {
            columns: [{title: "Parameter"}, {title: "Half", numeric: true}, {title: "A step", numeric: true}, {title: "Then bound by"}, {title: "Twice", numeric: true}, {title: "A step", numeric: true},
                {title: "Then bound by"}, {title: "Elasticity", numeric: true}],
            rows: () => parameters.map((row) => [titleOf(row), ...["half", "twice"].flatMap((key) => [said(row[key], (side) => times(side.speedup)),
                said(row[key], (side) => time(side.step_ps)), said(row[key], (side) => boundOf(side.bound))]), signed(row.elasticity)]),
        },
    });
}
