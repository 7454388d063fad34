// SPDX-License-Identifier: Apache-2.0
// The answer first: how fast, at what cost, bound by what, and how sure.
import {element} from "../dom.js";
import {percent, plain, quantity, time} from "../format.js";
import {sentence, tile, tiles, verdict} from "../tiles.js";
import {howSure} from "./confidence.js";

function energyTile({steady, totals}) {
    const energy = steady?.energy;
    if (!energy?.total_j) return tile("Energy a token", "–", "not estimated in this result");
    const range = [energy.low_j, energy.high_j].map((joules) => quantity(joules / totals.tokens_per_step, "J")).join(" to ");
    return tile("Energy a token", quantity(steady.token_j, "J"), `${range}; ${quantity(energy.average_w, "W")} during a step`);
}

/** How much of the chip's silicon and energy comes back as training. */
function worthTiles({steady, area}) {
    if (steady?.flop_utilisation === undefined) return []; // as in older results
    const {flop_utilisation: utilisation, tokens_per_joule: perJoule, tokens_per_second_mm2: perArea} = steady;
    return [
        area?.total_mm2 === undefined ? null
            : tile("Area", `${plain(Number(area.total_mm2.toPrecision(4)))} mm²`, perArea === undefined ? "" : `${quantity(perArea)} tokens/s a mm²`),
        tile("Array's FLOPs in use", percent(utilisation), `multiply-accumulates of a step over what the array could do; ${quantity(perJoule)} tokens a joule`),
    ];
}

/** A single step may be slower than those that would follow; doc/result.md says what is steady. */
function howSteady({repeats, change}, steps) {
    if (repeats) return "in the long run";
    if (change === null) return "of the first step: the next ones may be faster";
    if (steps === 2) return "of the second step; it takes a third to be sure";
    return `not steady yet: ${percent(Math.abs(change))} ${change > 0 ? "more" : "less"} time than the step before`;
}

export function headline(result) {
    const {totals} = result;
    const {steady} = result;
    const {model} = result.scenario;
    return {
        id: "headline",
        title: "At a glance",
        content: [
            tiles(
                tile("Training speed", steady ? quantity(steady.tokens_per_second, "tokens/s") : "–",
                    steady ? howSteady(steady, totals.steps) : "no step was finished"),
                tile("Time a step", steady ? time(steady.time_ps) : "–",
                    `${steady ? `the first took ${time(steady.first_ps)} with boot and planning; ` : ""}the run took ${time(totals.time_ps)}`),
                energyTile(result),
                worthTiles(result),
                tile("Model", `${quantity(totals.parameters)} parameters`,
                    [model.name ?? "", `${totals.tokens_per_step.toLocaleString("en")} tokens${steady ? ` and ${quantity(steady.macs)} MACs` : ""} a step`].join(", "))),
            verdict(sentence(result.bound),
                element("span", {}, "How sure: ", howSure(result), " ", element("a", {href: "#confidence"}, "Every reference, and what is not modelled"), ".")),
            (result.warnings ?? []).map((warning) => element("p", {class: "absent"}, `Warning: ${warning}.`)),
            totals.exit_code === 0 ? null
                : element("p", {class: "absent"}, `The firmware ended with exit code ${totals.exit_code}: the figures reach as far as the run came.`),
        ],
    };
}
