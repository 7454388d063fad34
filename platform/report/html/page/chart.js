// SPDX-License-Identifier: Apache-2.0
// A figure: caption, chart, and the same figures as a table for whoever reads rather than looks.
import {element, table} from "./dom.js";
import {init} from "./echarts.js";
import {beyondOneRow, lowered} from "./legend.js";
import {fontFamily, textWidth} from "./measure.js";
import {palette} from "./palette.js";
import {onTheme, theme} from "./theme.js";

const figures = new Set();

/** Draws a figure into its box as it is now: an option depends on the theme, the width, and what the legend leaves out. */
function redraw(figure) {
    const {box, chart, hidden} = figure;
    const width = box.clientWidth;
    const shows = (name) => !hidden.has(name);
    const option = {...frame(theme()), ...figure.option(theme(), {width, shows})};
    const extra = beyondOneRow(option, width);
    box.style.height = `${heightOf(figure, width) + extra}px`;
    chart.resize();
    if (option.legend) option.legend.selected = Object.fromEntries([...hidden].map((name) => [name, false]));
    chart.setOption(extra ? lowered(option, extra) : option, {notMerge: true});
    figure.drawn?.(chart);
}

const heightOf = ({height}, width) => (typeof height === "function" ? height(width) : height);

function frame(name) {
    const colours = palette(name);
    return {
        animation: false,
        aria: {enabled: false}, // the figure has a label and a table of its own
        backgroundColor: "transparent",
        textStyle: {color: colours.text, fontFamily: fontFamily(), fontSize: 12},
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

/** The names of categories beside a chart: the room that they take, two fifths of it at most, and their labels. What is longer
 *  goes on in a second line. */
export function names(name, texts, width) {
    const room = Math.min(Math.ceil(Math.max(0, ...texts.map((text) => textWidth(text)))) + 1, Math.floor(width * 0.4) - 12);
    return {room: room + 12, label: {color: palette(name).text, width: room, overflow: "break", lineHeight: 13, hideOverlap: false, interval: 0}};
}

/** The table is built when it is opened: large runs have many rows. */
function details(title, tabular) {
    const made = element("details", {class: "data"}, element("summary", {}, "Show as table"));
    made.addEventListener("toggle", () => {
        if (made.open && made.childElementCount === 1) made.append(table(tabular.columns, tabular.rows(), title));
    });
    return made;
}

/** What: {id, title, note, height (or height(width)), least (width that it needs), option(theme, {width, shows(name of a series)}),
 *  table: {columns, rows()}, controls, drawn(chart), describe, keys(event, chart)}. */
export function figure(what) {
    const box = element("div", {
        class: "chart", id: `chart-${what.id}`, style: `height:${heightOf(what, Infinity)}px;min-width:${what.least ?? 0}px`, tabindex: "0", role: "img",
        "aria-label": `${what.title}. ${what.describe ?? what.note ?? ""} The table below holds the same figures.`,
    });
    const made = element("figure", {},
        element("figcaption", {}, element("h3", {}, what.title), what.note ? element("p", {}, what.note) : null),
        what.controls ?? null, box, what.table ? details(what.title, what.table) : null);
    if (what.keys) box.addEventListener("keydown", (event) => what.keys(event, what.chart));
    what.box = box;
    what.hidden = new Set();
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
            each.chart.on("legendselectchanged", ({selected}) => {
                each.hidden = new Set(Object.keys(selected).filter((name) => !selected[name]));
                redraw(each);
            });
            new ResizeObserver(() => each.chart.isDisposed() || fit(each)).observe(each.box);
            await new Promise((resume) => setTimeout(resume));
        }
    }
}

/** A box of another width is another drawing. */
function fit(figure) {
    if (figure.box.clientWidth !== figure.chart.getWidth()) redraw(figure);
}

export function redrawAll() {
    for (const each of figures) if (each.chart) redraw(each);
}

/** For tests and for people with a console: the charts by name. */
export function charts() {
    return Object.fromEntries([...figures].filter((each) => each.chart).map((each) => [each.id, each.chart]));
}

onTheme(redrawAll);
