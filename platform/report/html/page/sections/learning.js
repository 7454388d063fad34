// SPDX-License-Identifier: Apache-2.0
// Whether the model learns: the loss by step, and what it wrote in the end.
import {axis, figure, tip} from "../chart.js";
import {element, tooltip} from "../dom.js";
import {loss, time} from "../format.js";
import {look, palette} from "../palette.js";

export function stepsOf(window) {
    return window.count === 1 ? `step ${window.first}` : `steps ${window.first} to ${window.first + window.count - 1}`;
}

/** Of the nearest window of steps, the nearest validation, or both. */
function tipOf(known, validations, points) {
    const window = points.filter(({seriesIndex}) => seriesIndex < 2).map(({dataIndex}) => known[dataIndex])[0];
    const held = points.filter(({seriesIndex}) => seriesIndex === 2).map(({dataIndex}) => validations[dataIndex])[0];
    const spread = window && window.count > 1 ? [["least", loss(window.least_loss)], ["largest", loss(window.largest_loss)]] : [];
    return tooltip(window ? stepsOf(window) : `after step ${held.step}`, [
        ...(window ? [["loss", loss(window.loss)], ...spread] : []),
        ...(held ? [["validation", loss(held.loss)]] : []),
    ]);
}

function lossCurve(windows, validations) {
    const banded = windows.some((window) => window.count > 1);
    const known = windows.filter((window) => window.loss !== null);
    const width = Math.max(1, Math.round(known.length / 40));
    const smooth = known.map((window, i) => {
        const around = known.slice(Math.max(0, i - width + 1), i + 1);
        return [window.first, around.reduce((sum, each) => sum + each.loss, 0) / around.length];
    });
    const last = smooth.at(-1);
    return figure({
        id: "loss", title: validations.length === 0 ? "Training loss" : "Training and validation loss", height: 320,
        note: `Of the whole run: mean cross-entropy of ${banded ? "a window of steps" : "each step"}${width > 1 ? ` (thin), and the mean of the last ${width} of them (bold)` : ""}${validations.length === 0 ? "" : "; with circles, what the model made of the text that is held back from training"}.`,
        option: (theme) => {
            const colours = palette(theme);
            const [thin, bold, held] = [look(5, theme), look(0, theme), look(1, theme)];
            const lastHeld = validations.at(-1);
            const apart = !lastHeld ? 0 : lastHeld.loss < last[1] ? -7 : 7; // pixels: the two labels may be at one height
            return {
                grid: {left: 56, right: 76, top: 14, bottom: 46},
                tooltip: tip(theme, (points) => tipOf(known, validations, points), {trigger: "axis"}),
                xAxis: axis(theme, {type: "value", name: "step", nameLocation: "middle", nameGap: 28, min: "dataMin", max: "dataMax", minInterval: 1, splitLine: {show: false}}),
                yAxis: axis(theme, {type: "value", name: "loss (nats)", nameLocation: "middle", nameGap: 40, scale: true}),
                series: [
                    {type: "line", symbol: known.length === 1 ? "circle" : "none", lineStyle: {color: thin.colour, width: 1, opacity: 0.6}, itemStyle: {color: thin.colour}, data: known.map((window) => [window.first, window.loss])},
                    {type: "line", symbol: "none", lineStyle: {color: bold.colour, width: 2.5}, itemStyle: {color: bold.colour}, data: smooth,
                        endLabel: {show: true, offset: [0, apart], color: colours.text, fontWeight: 600, formatter: () => loss(last[1], 3)}},
                    ...(validations.length === 0 ? [] : [{type: "line", symbol: "circle", symbolSize: 7, showAllSymbol: validations.length <= 100,
                        lineStyle: {color: held.colour, width: 2, type: held.dash}, itemStyle: {color: held.colour},
                        data: validations.map((each) => [each.step, each.loss]),
                        endLabel: {show: true, offset: [0, -apart], color: held.colour, fontWeight: 600, formatter: () => loss(lastHeld.loss, 3)}}]),
                ],
            };
        },
        table: {
            columns: [{title: "Steps"}, {title: "Loss (nats)", numeric: true}, {title: "Least", numeric: true}, {title: "Largest", numeric: true}, {title: "Time", numeric: true}],
            rows: () => [...known.map((window) => [stepsOf(window), loss(window.loss), loss(window.least_loss), loss(window.largest_loss), time(window.time_ps)]),
                ...validations.map((each) => [`validation after step ${each.step}`, loss(each.loss), "", "", time(each.time_ps)])],
        },
    });
}

export function learning(result) {
    const hasLoss = result.steps.some((window) => window.loss !== null);
    return {
        id: "learning", title: "Learning",
        content: [
            hasLoss ? lossCurve(result.steps, (result.validation?.runs ?? []).filter((each) => each.loss !== null))
                : element("p", {class: "absent"}, result.scenario.run.data === "none"
                    ? "No loss: this run computed no numbers (run.data = \"none\"), only how long they take."
                    : "No step of this run has a loss that is a finite number."),
            result.texts_left_out ? element("p", {class: "absent"}, `No texts: ${result.texts_left_out} were asked for, and left out because no numbers were computed to choose tokens by.`) : null,
            result.texts.length === 0 ? null : element("div", {class: "card"}, element("h3", {}, "Written by the trained model"),
                element("blockquote", {}, result.texts.map((text) => element("code", {}, text)))),
        ],
    };
}
