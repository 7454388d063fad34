// SPDX-License-Identifier: Apache-2.0
// Parallel coordinates (A. Inselberg, The Visual Computer 1, 1985): a line a point, an axis a key or figure. A range drawn on an
// axis selects.
import {figure} from "../chart.js";
import {textWidth} from "../measure.js";
import {look, palette} from "../palette.js";
import {tickText, valueText} from "./values.js";

const line = 14;
const row = 62; // of an axis that lies
const margin = {left: 62, right: 90}; // of axes that stand

/** The width of an axis that stands, with its values beside it. */
const pitchOf = (axes, width) => (width - margin.left - margin.right) / Math.max(1, axes.length - 1);

function longestValue(axis, points, i) {
    const texts = axis.levels ?? points.map((point) => valueText(axis, point.values[i]));
    return Math.max(...texts.map((text) => textWidth(text)));
}

/** Axes stand side by side where there is room for their values; else they lie one below the other. */
const stands = (axes, points, width) => pitchOf(axes, width) >= Math.max(64, ...axes.map((axis, i) => longestValue(axis, points, i) + 20));

function standing(axes, width) {
    const room = Math.min(pitchOf(axes, width) - 6, 2 * margin.left - 8);
    const lines = Math.max(...axes.map((axis) => 1 + Math.ceil(textWidth(axis.short) / room * 1.2)));
    return {...margin, top: 12 + lines * line, bottom: 28, name: {nameLocation: "end", nameGap: 12,
        nameTextStyle: {width: room, overflow: "break", lineHeight: line, align: "center"}}};
}

const lying = {layout: "vertical", left: 30, right: 40, top: 34, bottom: 34, name: {nameLocation: "start", nameGap: 0,
    nameTextStyle: {align: "left", verticalAlign: "bottom", padding: [0, 0, 8, -14]}}};

export function parallel(sweep, points, selection) {
    const {axes} = sweep;
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
        id: "parallel", title: "Parallel coordinates", height: (width) => (stands(axes, points, width) ? 420 : 24 + row * axes.length),
        note: `Each line is a point; what is ${sweep.words.front} is thick. Drag along an axis to select a range, on several axes to narrow it down; click on the range to drop it.`,
        option: (theme, {width}) => {
            what.theme = theme;
            const colours = palette(theme);
            const label = {color: colours.text, backgroundColor: colours.surface, padding: [1, 3], borderRadius: 2, hideOverlap: true}; // lines pass behind it
            const {name: {nameTextStyle, ...name}, ...place} = stands(axes, points, width) ? standing(axes, width) : lying;
            return {
                parallel: {...place, parallelAxisDefault: {...name, nameTextStyle: {color: colours.soft, backgroundColor: colours.surface, ...nameTextStyle},
                    axisLine: {lineStyle: {color: colours.soft}}, axisTick: {show: false}, axisLabel: label,
                    areaSelectStyle: {width: 18, borderColor: colours.soft, color: colours.blue, opacity: 0.25}}},
                parallelAxis: axes.map((axis, dim) => ({dim, name: axis.short, ...(axis.levels ? {type: "category", data: axis.levels}
                    : {type: "value", scale: true, axisLabel: {...label, formatter: (value) => tickText(axis, value)}})})),
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
