// SPDX-License-Identifier: Apache-2.0
// Whether a page can be read at every width and on paper: where the texts of its charts lie is taken from what ECharts is about to
// paint, not from pixels.
import assert from "node:assert/strict";
import {settled} from "./support.mjs";

export const widths = [390, 600, 1280, 1920];

/** By chart, what is wrong with its texts and its legend as they stand, a sentence each. */
export const faultsOf = (page) => page.evaluate(findFaults);

/** Runs in the page. */
function findFaults() {
    const close = 1; // pixels that boxes of neighbouring texts may share: letters do not fill them
    const corners = (element) => {
        const {x, y: top, width, height: measured} = element.getBoundingRect();
        // How high ECharts takes a line to be depends on the fonts of the host; its letters take nine tenths of the font's size.
        const height = Math.max(measured, 0.9 * parseFloat(element.style.font.match(/([\d.]+)px/)[1]));
        const y = top + (measured - height) / 2;
        const [a, b, c, d, e, f] = element.transform ?? [1, 0, 0, 1, 0, 0];
        return [[x, y], [x + width, y], [x + width, y + height], [x, y + height]].map(([px, py]) => [a * px + c * py + e, b * px + d * py + f]);
    };
    // Two rectangles, turned or not, lie apart if they do along the direction of one of their sides.
    const apart = (one, other) => [[one, 0], [one, 1], [other, 0], [other, 1]].some(([box, side]) => {
        const [dx, dy] = [box[side + 1][0] - box[side][0], box[side + 1][1] - box[side][1]];
        const length = Math.hypot(dx, dy) || 1;
        const reach = (points) => points.map(([x, y]) => (x * dx + y * dy) / length);
        const [p, q] = [reach(one), reach(other)];
        return Math.max(...p) < Math.min(...q) + close || Math.max(...q) < Math.min(...p) + close;
    });
    return Object.entries(window.gradus.charts()).flatMap(([name, chart]) => {
        const faults = [];
        const lines = chart.getZr().storage.getDisplayList(true).filter((each) => each.type === "tspan" && !each.invisible && each.style.text.trim())
            .map((each) => ({text: each.parent, words: each.style.text, box: corners(each)}));
        lines.forEach(({text, words, box}, i) => {
            if (/(\.\.\.|…)$/.test(words)) faults.push(`"${words}" is cut`);
            if (box.some(([x, y]) => x < -close || y < -close || x > chart.getWidth() + close || y > chart.getHeight() + close)) faults.push(`"${words}" leaves the chart`);
            for (const other of lines.slice(i + 1))
                if (other.text !== text && !apart(box, other.box)) faults.push(`"${words}" lies on "${other.words}"`);
        });
        const {legend, series} = chart.getOption();
        const looks = new Map(series.filter((each) => each.name).map((each) => [each.name, `${each.itemStyle?.color ?? each.color ?? each.lineStyle?.color} ${each.lineStyle?.type ?? ""}`]));
        const shown = legend?.length ? (legend[0].data ?? [...looks.keys()]).map((each) => each.name ?? each) : [];
        if (new Set(shown.map((each) => looks.get(each))).size < shown.length) faults.push(`a colour of the legend stands for two of ${shown.join(", ")}`);
        return faults.map((fault) => `${name}: ${fault}`);
    });
}

/** No text of a chart lies on another, leaves its chart or is cut, a colour has one meaning, and the page never scrolls sideways:
 *  at every width and on paper. */
export async function expectLegible(page) {
    const faults = [];
    const before = page.viewportSize();
    const look = async (where) => {
        await settled(page);
        faults.push(...(await faultsOf(page)).map((fault) => `${where}: ${fault}`));
    };
    for (const width of widths) {
        await page.setViewportSize({width, height: before.height});
        await look(`${width} pixels`);
        const needed = await page.evaluate(() => document.documentElement.scrollWidth);
        if (needed > width) faults.push(`${width} pixels: the page is ${needed} wide`);
    }
    await page.setViewportSize(before);
    await page.emulateMedia({media: "print"});
    await look("paper");
    await page.emulateMedia({media: null});
    await settled(page);
    assert.deepEqual(faults, []);
}
