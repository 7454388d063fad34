// SPDX-License-Identifier: Apache-2.0
// What each change costs beside what it gives: area, power and energy, relative to the chip as it is.
import {element, table} from "../dom.js";
import {percent, plain, quantity} from "../format.js";
import {times} from "./speed.js";

const figures = [["area_mm2", "Area"], ["average_w", "Power"], ["token_j", "Energy a token"]];
const minus = "−";

/** "+16.3 %", relative to `base`, or "0" where a tenth of a percent does not show it; a dash where one of them is not known, as the area of an FPGA. */
function change(value, base) {
    if (value === null || value === undefined || !base) return "–";
    const relative = value / base - 1;
    if (Math.abs(relative) < 0.0005) return "0";
    return `${relative < 0 ? minus : "+"}${percent(Math.abs(relative))}`;
}

/** `changes`: {title, speedup, cost, warnings} of every chip that was measured. Nothing for results without costs. */
export function costs(base, changes) {
    if (!base?.token_j) return null;
    const area = base.area_mm2 === null ? "" : `${plain(base.area_mm2)} mm², `;
    const rows = changes.map(({title, speedup, cost}) => [title, times(speedup), ...figures.map(([key]) => change(cost[key], base[key]))]);
    const warned = changes.flatMap(({title, warnings}) => warnings.map((warning) => element("p", {class: "note"}, `Warning: ${title}: ${warning}.`)));
    return {
        id: "costs", title: "What it costs",
        lead: `As it is: ${area}${quantity(base.average_w, "W")} during a step, ${quantity(base.token_j, "J")} a token. The DRAM's energy is in it, its area is not.`,
        content: [element("div", {class: "card"}, table([{title: "Change"}, {title: "Speed", numeric: true}, ...figures.map(([, title]) => ({title, numeric: true}))], rows, "What it costs"), warned)],
    };
}
