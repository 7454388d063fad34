// SPDX-License-Identifier: Apache-2.0
import {plain, quantity, time, unpadded} from "../format.js";

const units = {_j: "J", _w: "W"}; // of figures that are written with a prefix

/** Of a value on an axis: the level of a key that varies, or a figure in the unit that its name ends in. */
export function valueText(axis, value) {
    if (value === null) return "–";
    if (axis.levels) return axis.levels[value] ?? "–";
    if (axis.suffix) return value.toFixed(2) + axis.suffix;
    if (axis.name.endsWith("_ps")) return time(value);
    if (axis.name.endsWith("_ns")) return time(value * 1e3);
    const unit = units[axis.name.slice(axis.name.lastIndexOf("_"))];
    if (unit) return quantity(value, unit);
    return Math.abs(value) >= 1e5 ? quantity(value) : plain(value, 5);
}

export const tickText = (axis, value) => unpadded(valueText(axis, value));

/** What ECharts needs to know about an axis of any chart. */
export function scale(axis) {
    return axis.levels ? {type: "category", data: axis.levels} : {type: "value", scale: true, axisLabel: {formatter: (value) => tickText(axis, value)}};
}

export const axisTitle = (axis) => (axis.goal ? `${axis.name} (${axis.goal})` : axis.name);
