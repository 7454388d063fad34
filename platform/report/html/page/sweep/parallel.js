// SPDX-License-Identifier: Apache-2.0
// Parallel coordinates (A. Inselberg, The Visual Computer 1, 1985): a line a point, an axis a key or figure. A range drawn on an
// axis selects.
import {figure} from "../chart.js";
import {look, palette} from "../palette.js";
import {valueText} from "./values.js";

export function parallel(sweep, points, selection) {
    const series = (theme) => [false, true].map((front) => {
        const style = look(front ? 3 : 0, theme);
        return {
            type: "parallel", name: front ? sweep.words.front : "others", z: front ? 3 : 2, inactiveOpacity: 0.04, activeOpacity: 1,
            lineStyle: {color: style.colour},
            data: points.filter((point) => Boolean(point.front) === front).map((point) => ({value: point.values,
                lineStyle: {width: front ? 2 : 1, opacity: selection.has(point) ? (front ? 0.9 : 0.35) : 0.03}})),
        };
    });
    const what = {
        id: "parallel", title: "Parallel coordinates", height: 420,
        note: `Each line is a point; what is ${sweep.words.front} is thick. Drag along an axis to select a range, on several axes to narrow it down; click on the range to drop it.`,
        option: (theme) => {
            what.theme = theme;
            const colours = palette(theme);
            const label = {color: colours.text, backgroundColor: colours.surface, padding: [1, 3], borderRadius: 2}; // lines pass behind it
            return {
                parallel: {left: 60, right: 90, top: 64, bottom: 28, parallelAxisDefault: {nameLocation: "end", nameRotate: 16, nameGap: 14,
                    nameTextStyle: {color: colours.soft}, axisLine: {lineStyle: {color: colours.soft}}, axisTick: {show: false},
                    axisLabel: label, areaSelectStyle: {width: 18, borderColor: colours.soft, color: colours.blue, opacity: 0.25}}},
                parallelAxis: sweep.axes.map((axis, dim) => ({dim, name: axis.short, ...(axis.levels ? {type: "category", data: axis.levels}
                    : {type: "value", scale: true, axisLabel: {...label, formatter: (value) => valueText(axis, value)}})})),
                series: series(theme),
            };
        },
        drawn: (chart) => {
            if (what.listening) return;
            what.listening = true;
            chart.on("axisareaselected", () => {
                const picked = new Set();
                chart.getModel().getSeries().forEach((model, front) => {
                    const own = points.filter((point) => Boolean(point.front) === Boolean(front));
                    for (const i of model.getRawIndicesByActiveState("active")) picked.add(own[i].id);
                });
                selection.set(picked, show);
            });
        },
    };
    const show = () => what.chart?.setOption({series: series(what.theme)});
    selection.onChange(show);
    return figure(what);
}
