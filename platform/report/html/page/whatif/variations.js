// SPDX-License-Identifier: Apache-2.0
// Named values of named keys, every combination: bars for one key, a map for two, parallel coordinates for more.
import {element, table} from "../dom.js";
import {quantity, time} from "../format.js";
import {listing} from "../sweep/listing.js";
import {parallel} from "../sweep/parallel.js";
import {Selection} from "../sweep/selection.js";
import {tile, tiles, verdict} from "../tiles.js";
import {bars} from "./bars.js";
import {costs} from "./costs.js";
import {heatMap} from "./heat_map.js";
import {boundOf, differs, times} from "./speed.js";

const split = (change) => [change.slice(0, change.indexOf("=")), change.slice(change.indexOf("=") + 1)];

/** The keys with their values in the order of the command line: {name, short, levels}. */
function axesOf(points) {
    const keys = points[0].changes.map((change) => split(change)[0]);
    const last = (key) => key.split(".").at(-1);
    return keys.map((name, i) => ({
        name, short: keys.filter((other) => last(other) === last(name)).length > 1 ? name : last(name),
        levels: [...new Set(points.map((point) => split(point.changes[i])[1]))],
    }));
}

/** As the charts of a sweep want it: a point is its levels, speed and time a step; the fastest is number 1. */
function asSweep(axes, points, best) {
    return {
        words: {front: "fastest", file: "whatif.json"},
        axes: [...axes, {name: "speed", short: "speed", suffix: "×"}, {name: "step_ps", short: "a step"}],
        points: [...points].sort((a, b) => (b.speedup ?? 0) - (a.speedup ?? 0)).map((point, id) => ({
            id: id + 1, status: point.failure === undefined ? "done" : "failed", front: point === best, message: point.failure ?? "",
            values: [...axes.map((axis, i) => axis.levels.indexOf(split(point.changes[i])[1])), point.speedup ?? null, point.step_ps ?? null],
        })),
    };
}

function many(axes, points, best) {
    const sweep = asSweep(axes, points, best);
    const selection = new Selection();
    const done = sweep.points.filter((point) => point.status === "done");
    return [done.length ? parallel(sweep, done, selection) : null, listing(sweep, selection)];
}

function failures(points) {
    const failed = points.filter((point) => point.failure !== undefined);
    if (failed.length === 0) return null;
    return {
        id: "left-out", title: "What was left out", lead: "Chips on which the firmware fails.",
        content: [element("div", {class: "card"}, table([{title: "Chip"}, {title: "Why"}], failed.map((point) => [point.changes.join(" "), point.failure]), "What was left out"))],
    };
}

function keysInWords(axes, parameters) {
    const meaning = new Map(parameters.map((parameter) => [parameter.key, parameter]));
    return {
        id: "varied", title: "What was varied",
        content: [element("div", {class: "card"}, table([{title: "Parameter"}, {title: "Values"}, {title: "Unit"}, {title: "Meaning"}],
            axes.map(({name, levels}) => [element("code", {}, name), levels.join(", "), meaning.get(name)?.unit || "–", meaning.get(name)?.help ?? "–"]), "What was varied"))],
    };
}

export function variations(outcome, parameters) {
    const [base, ...points] = outcome.variations;
    const axes = axesOf(points);
    const done = points.filter((point) => point.failure === undefined);
    const best = done.length ? done.reduce((a, b) => (b.speedup > a.speedup ? b : a)) : null;
    const charts = {1: bars, 2: heatMap}[axes.length] ?? many;
    return {
        subtitle: axes.map(({name}) => name).join(" × "),
        sections: [
            {
                id: "headline", title: "At a glance",
                content: [
                    tiles(tile("Time a step", time(base.step_ps), "of the chip as it is"),
                        tile("Training speed", quantity(base.tokens_per_second, "tokens/s"), "of the chip as it is"),
                        best ? tile("Fastest", times(best.speedup), `${time(best.step_ps)} a step`) : null,
                        tile("Tried", `${points.length.toLocaleString("en")} chips`, points.length === done.length ? "all of them can run it" : `${(points.length - done.length).toLocaleString("en")} of them cannot run it`)),
                    verdict(outcome.sentence, `The chip as it is: ${base.bound}.`),
                ],
            },
            {id: "effects", title: "What the values do", content: charts(axes, points, best).filter(Boolean)},
            costs(base.cost, done.map((point) => ({...point, title: point.changes.join(" ")}))),
            failures(points),
            keysInWords(axes, parameters),
        ],
    };
}
