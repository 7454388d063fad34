// SPDX-License-Identifier: Apache-2.0
// The answer first: how fast, at what cost, bound by what, and how sure.
import {element} from "../dom.js";
import {quantity, time} from "../format.js";
import {sentence, tile, tiles, verdict} from "../tiles.js";
import {loosest} from "./confidence.js";

function energyTile(energy) {
    if (!energy?.token_j) return tile("Energy a token", "–", "not estimated in this result");
    return tile("Energy a token", quantity(energy.token_j, "J"), `${quantity(energy.token_j * energy.low_j / energy.total_j, "J")} to ${quantity(energy.token_j * energy.high_j / energy.total_j, "J")}; ${quantity(energy.average_w, "W")} on average`);
}

export function headline(result) {
    const {totals} = result;
    const trained = totals.steps > 0;
    const {model} = result.scenario;
    return {
        id: "headline",
        title: "At a glance",
        content: [
            tiles(
                tile("Training speed", trained ? quantity(totals.tokens_per_second, "tokens/s") : "–",
                    trained ? `${totals.tokens_per_step.toLocaleString("en")} tokens a step` : "no step was finished"),
                tile("Time a step", trained ? time(totals.mean_step_ps) : "–",
                    trained ? `mean of ${totals.steps.toLocaleString("en")}; the run took ${time(totals.time_ps)}` : `the run took ${time(totals.time_ps)}`),
                energyTile(result.energy),
                tile("Model", `${quantity(totals.parameters)} parameters`, `${model.name ?? ""}, ${quantity(totals.macs / Math.max(1, totals.steps))} MACs a step`)),
            verdict(sentence(result.bound),
                element("span", {}, "How sure: ", loosest(), " ", element("a", {href: "#confidence"}, "Every reference, and what is not modelled"), ".")),
            (result.warnings ?? []).map((warning) => element("p", {class: "absent"}, `Warning: ${warning}.`)),
            totals.exit_code === 0 ? null
                : element("p", {class: "absent"}, `The firmware ended with exit code ${totals.exit_code}: the figures reach as far as the run came.`),
        ],
    };
}
