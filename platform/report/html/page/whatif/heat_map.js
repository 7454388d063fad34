// SPDX-License-Identifier: Apache-2.0
// Two keys: a cell a combination, with its speed written in it.
import {axis, figure, tip} from "../chart.js";
import {element, tooltip} from "../dom.js";
import {quantity, time} from "../format.js";
import {palette} from "../palette.js";
import {boundOf, differs, times} from "./speed.js";

const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

/** `share` of the way from one colour to another. */
function between(from, to, share) {
    const [a, b] = [channels(from), channels(to)];
    return a.map((value, i) => Math.round(value + (b[i] - value) * share));
}

/** Blue is faster, orange slower, the deeper the more; a mark says so too. */
function fill(speedup, reach, colours) {
    const share = Math.min(1, Math.abs(Math.log(speedup)) / reach);
    return between(colours.track, speedup >= 1 ? colours.blue : colours.orange, differs(speedup) ? 0.12 + 0.88 * share : 0);
}

const css = (colour) => `rgb(${colour.join(",")})`;
/** Black or white, whichever can be read on it (relative luminance, WCAG 2). */
function readableOn(colour) {
    const [r, g, b] = colour.map((each) => (each / 255) ** 2.2);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? "#0b0f14" : "#ffffff";
}

const sign = (speedup) => (!differs(speedup) ? "" : speedup > 1 ? "▲ " : "▼ ");

export function heatMap([across, up], points) {
    const reach = Math.max(Math.log(1.1), ...points.map((point) => Math.abs(Math.log(point.speedup ?? 1))));
    const cells = points.map((point, i) => ({point, x: Math.floor(i / up.levels.length), y: i % up.levels.length}));
    const key = (theme) => {
        const colours = palette(theme);
        const entry = (speedup, text) => element("span", {class: "key"}, element("i", {style: `background:${css(fill(speedup, reach, colours))};height:14px`}), text);
        return [entry(Math.exp(-reach), `▼ slower, ${times(Math.exp(-reach))}`), entry(1, "as it is"), entry(Math.exp(reach), `▲ faster, ${times(Math.exp(reach))}`), element("span", {class: "key"}, "✕ cannot run")];
    };
    const keys = element("div", {class: "keys"});
    return [figure({
        id: "values", title: `Training speed by ${across.name} and ${up.name}`, height: 110 + Math.min(34, Math.max(14, 560 / up.levels.length)) * up.levels.length,
        note: "Of the last step of each run, relative to the chip as it is; the deeper a colour, the larger the effect.",
        controls: keys,
        option: (theme) => {
            const colours = palette(theme);
            keys.replaceChildren(...key(theme));
            return {
                grid: {left: 110, right: 16, top: 10, bottom: 56},
                tooltip: tip(theme, ({dataIndex}) => {
                    const {point} = cells[dataIndex];
                    return tooltip(point.changes.join(" "), point.failure !== undefined ? [["cannot run", point.failure]]
                        : [["speed", times(point.speedup)], ["a step", time(point.step_ps)], ["training speed", quantity(point.tokens_per_second, "tokens/s")], ["bound by", boundOf(point.bound)]]);
                }),
                xAxis: axis(theme, {type: "category", data: across.levels, name: across.name, nameLocation: "middle", nameGap: 32, axisLabel: {color: colours.text}, splitLine: {show: false}}),
                yAxis: axis(theme, {type: "category", data: up.levels, name: up.name, nameLocation: "middle", nameGap: 84, axisLabel: {color: colours.text, width: 70, overflow: "truncate"}, splitLine: {show: false}}),
                series: [{
                    type: "custom", encode: {x: 0, y: 1}, data: cells.map(({x, y}) => [x, y]),
                    renderItem: (params, api) => {
                        const {point} = cells[params.dataIndex];
                        const [x, y] = api.coord([api.value(0), api.value(1)]);
                        const [width, height] = api.size([1, 1]);
                        const failed = point.failure !== undefined;
                        const colour = failed ? channels(colours.surface) : fill(point.speedup, reach, colours);
                        const text = failed ? "✕" : sign(point.speedup) + times(point.speedup);
                        return {type: "group", children: [
                            {type: "rect", shape: {x: x - width / 2 + 1, y: y - height / 2 + 1, width: width - 2, height: height - 2, r: 2},
                                style: {fill: css(colour), ...(failed ? {stroke: colours.line, lineDash: [3, 3]} : {})}},
                            ...(width > 54 && height > 15 ? [{type: "text", silent: true, style: {x, y, text, align: "center", verticalAlign: "middle", font: "12px sans-serif", fill: readableOn(colour)}}] : []),
                        ]};
                    },
                }],
            };
        },
        table: {
            columns: [{title: across.short}, {title: up.short}, {title: "Speed", numeric: true}, {title: "A step", numeric: true}, {title: "Training speed", numeric: true}, {title: "Bound by"}],
            rows: () => cells.map(({point, x, y}) => [across.levels[x], up.levels[y], ...(point.failure !== undefined ? ["–", "–", "–", point.failure]
                : [times(point.speedup), time(point.step_ps), quantity(point.tokens_per_second, "tokens/s"), boundOf(point.bound)])]),
        },
    })];
}
