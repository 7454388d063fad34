// SPDX-License-Identifier: Apache-2.0
// The answer first: how fast, at what cost, bound by what, and how sure.
import {element} from "../dom.js";
import {quantity, time} from "../format.js";
import {loosest} from "./confidence.js";

/** "1.69 ms": the number large, its unit small. */
function figure(text) {
    const [, number, unit] = text.match(/^(\S+)\s*(.*)$/);
    return [number, unit ? element("small", {}, unit) : null];
}

function tile(title, value, under) {
    return element("div", {class: "tile"}, element("dt", {}, title), element("dd", {}, figure(value)),
        element("dd", {class: "under"}, under));
}

function energyTile(energy) {
    if (!energy?.token_j) return tile("Energy a token", "–", "not estimated in this result");
    return tile("Energy a token", quantity(energy.token_j, "J"), `${quantity(energy.average_w, "W")} on average; in all ${quantity(energy.low_j, "J")} to ${quantity(energy.high_j, "J")}`);
}

export function headline(result) {
    const {totals} = result;
    const trained = totals.steps > 0;
    const {model} = result.scenario;
    return {
        id: "headline",
        title: "At a glance",
        content: [
            element("dl", {class: "tiles"},
                tile("Training speed", trained ? quantity(totals.tokens_per_second, "tokens/s") : "–",
                    trained ? `${totals.tokens_per_step.toLocaleString("en")} tokens a step` : "no step was finished"),
                tile("Time a step", trained ? time(totals.mean_step_ps) : "–",
                    trained ? `mean of ${totals.steps.toLocaleString("en")}; the run took ${time(totals.time_ps)}` : `the run took ${time(totals.time_ps)}`),
                energyTile(result.energy),
                tile("Model", `${quantity(totals.parameters)} parameters`, `${model.name ?? ""}, ${quantity(totals.macs / Math.max(1, totals.steps))} MACs a step`)),
            element("div", {class: "verdict"},
                element("p", {}, element("strong", {}, sentence(result.bound))),
                element("p", {}, "How sure: ", loosest(), " ", element("a", {href: "#confidence"}, "Every reference, and what is not modelled"), ".")),
            totals.exit_code === 0 ? null
                : element("p", {class: "absent"}, `The firmware ended with exit code ${totals.exit_code}: the figures reach as far as the run came.`),
        ],
    };
}

function sentence(text) {
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
