// SPDX-License-Identifier: Apache-2.0
// How much faster or slower: on a logarithmic axis, twice as fast is as far from 1 as half as fast.
import {plain} from "../format.js";

/** "1.83×" */
export const times = (speedup) => `${speedup.toFixed(speedup >= 9.995 ? 1 : speedup >= 0.095 ? 2 : 3)}×`;

/** Whether a speed is another than that of the chip as it is, in the digits that are shown. */
export const differs = (speedup) => times(speedup) !== times(1);

/** The head of "bound by DRAM bandwidth: it is busy ...". */
export const boundOf = (bound) => bound.split(":")[0].replace(/^bound by /, "");

const steps = [[1.02, 1.04, 1.06, 1.08, 1.1], [1.05, 1.1, 1.15, 1.2, 1.25], [1.1, 1.25, 1.5], [1.25, 1.5, 2], [1.5, 2, 3], [2, 4, 8], [2, 5, 10, 20, 50], [10, 100, 1000, 10000]];

/** What an axis of logarithms needs that shows all of `speedups`, `margin` times as far, and 1 in its middle: {min, max, ticks,
 *  label}. */
export function logScale(speedups, margin) {
    const least = Math.log(1.1); // effects of a few percent are not to look like cliffs
    const reach = Math.max(least, ...speedups.map((speedup) => Math.abs(Math.log(speedup)))) * margin;
    const fitting = steps.find((each) => Math.log(each.at(-1)) >= reach / margin * 0.8) ?? steps.at(-1);
    const above = fitting.filter((each) => Math.log(each) <= reach).map(Math.log);
    return {min: -reach, max: reach, ticks: [...above.map((each) => -each).reverse(), 0, ...above],
        label: (value) => `${plain(Math.exp(value), value < 0 ? 2 : 3)}×`};
}
