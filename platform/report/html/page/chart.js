// SPDX-License-Identifier: Apache-2.0
// A figure: caption, chart, and the same figures as a table for whoever reads rather than looks.
import {element, table} from "./dom.js";
import {init} from "./echarts.js";
import {palette} from "./palette.js";
import {onTheme, theme} from "./theme.js";

const figures = new Set();

function redraw(figure) {
    figure.chart.setOption({...frame(theme()), ...figure.option(theme())}, {notMerge: true});
    figure.drawn?.(figure.chart);
}

function frame(name) {
    const colours = palette(name);
    return {
        animation: false,
        aria: {enabled: false}, // the figure has a label and a table of its own
        backgroundColor: "transparent",
        textStyle: {color: colours.text, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12},
    };
}

/** Tooltips in the style of the page, inside of the chart. */
export function tip(name, formatter, more = {}) {
    const colours = palette(name);
    return {
        confine: true, backgroundColor: colours.surface, borderColor: colours.line, borderWidth: 1, padding: [8, 12],
        textStyle: {color: colours.text, fontSize: 12}, extraCssText: "box-shadow: 0 4px 16px rgba(0,0,0,.18); border-radius: 6px;",
        formatter, ...more,
    };
}

/** An axis: thin lines, its unit in its name. */
export function axis(name, more = {}) {
    const colours = palette(name);
    return {
        axisLine: {show: false}, axisTick: {show: false},
        axisLabel: {color: colours.soft, hideOverlap: true, ...more.axisLabel},
        nameTextStyle: {color: colours.soft, ...more.nameTextStyle},
        splitLine: {lineStyle: {color: colours.line}},
        ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== "axisLabel" && key !== "nameTextStyle")),
    };
}

export function legend(name, more = {}) {
    const colours = palette(name);
    return {
        type: "scroll", top: 0, left: 0, right: 0, itemGap: 18, itemWidth: 18, itemHeight: 12, inactiveColor: colours.line,
        textStyle: {color: colours.soft}, ...more,
    };
}

/** The table is built when it is opened: large runs have many rows. */
function details(title, tabular) {
    const made = element("details", {class: "data"}, element("summary", {}, "Show as table"));
    made.addEventListener("toggle", () => {
        if (made.open && made.childElementCount === 1) made.append(table(tabular.columns, tabular.rows(), title));
    });
    return made;
}

/** What: {id, title, note, height, least (width that it needs), option(theme), table: {columns, rows()}, controls, drawn(chart), describe,
 *  keys(event, chart)}. */
export function figure(what) {
    const box = element("div", {
        class: "chart", id: `chart-${what.id}`, style: `height:${what.height}px;min-width:${what.least ?? 0}px`, tabindex: "0", role: "img",
        "aria-label": `${what.title}. ${what.describe ?? what.note ?? ""} The table below holds the same figures.`,
    });
    const made = element("figure", {},
        element("figcaption", {}, element("h3", {}, what.title), what.note ? element("p", {}, what.note) : null),
        what.controls ?? null, box, what.table ? details(what.title, what.table) : null);
    if (what.keys) box.addEventListener("keydown", (event) => what.keys(event, what.chart));
    what.box = box;
    figures.add(what);
    return made;
}

/** Draws the figures that are in the page and have not been drawn, one after the other, so that the page stays awake. */
export async function drawAll() {
    for (const each of [...figures]) {
        if (!each.box.isConnected) {
            each.chart?.dispose();
            figures.delete(each);
        } else if (!each.chart) {
            each.chart = init(each.box, null, {renderer: "canvas", devicePixelRatio: Math.max(2, window.devicePixelRatio)});
            redraw(each);
            new ResizeObserver(() => each.chart.isDisposed() || each.chart.resize()).observe(each.box);
            await new Promise((resume) => setTimeout(resume));
        }
    }
}

export function redrawAll() {
    for (const each of figures) if (each.chart) redraw(each);
}

/** For tests and for people with a console: the charts by name. */
export function charts() {
    return Object.fromEntries([...figures].filter((each) => each.chart).map((each) => [each.id, each.chart]));
}

onTheme(redrawAll);
