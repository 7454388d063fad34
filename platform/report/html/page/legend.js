// SPDX-License-Identifier: Apache-2.0
// The legend of a chart: as many rows as its names need, and whatever is below them moves down.
import {textWidth} from "./measure.js";
import {palette} from "./palette.js";

const icon = 18;
const space = 5; // between an icon and its name
const gap = 10;
const row = 14;

export function legend(name, more = {}) {
    const colours = palette(name);
    return {
        top: 0, left: 0, right: 0, padding: [2, 4], itemGap: gap, itemWidth: icon, itemHeight: 12, inactiveColor: colours.line,
        textStyle: {color: colours.soft, lineHeight: row, padding: [0, 8, 0, 0]}, ...more,
    };
}

/** How many rows names, or entries with a name, take. */
function rows(entries, width) {
    const room = width - 12;
    let [count, used] = [1, 0];
    for (const entry of entries) {
        const size = icon + space + textWidth(entry.name ?? entry) + 9;
        if (used > 0 && used + size > room) [count, used] = [count + 1, 0];
        used += size + gap;
    }
    return count;
}

/** Pixels that the legend of an option takes beyond a single row. */
export function beyondOneRow({legend: shown, series}, width) {
    if (!shown) return 0;
    return (rows(shown.data ?? [...new Set(series.map((each) => each.name))], width) - 1) * (row + gap);
}

/** The option with everything below the legend lower by so much. */
export function lowered(option, by) {
    const lower = (part) => (Number.isFinite(part.top) ? {...part, top: part.top + by} : part);
    return {...option, grid: [option.grid ?? []].flat().map(lower)};
}
