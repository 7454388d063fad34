// SPDX-License-Identifier: Apache-2.0
// The page of a sweep: what it found, trade-offs, parallel coordinates and a table, of which each selects in the others.
// Its data:
//   title, scenario   texts
//   axes              [{"name": "chip.dma.channels", "short": "channels", "levels": ["1", "2"]} (a key that varies), or
//                      {"name": "totals.time_ps", "short": "time_ps", "goal": "minimise" | "maximise" | null}]
//   constraints       [{"name": of the figure, "needs": "totals.time_ps <= 1000", "kept", "of": so many points that have figures,
//                      "best": figure when none keeps it, or null, "missed_by": "8.5 % over"}]
//   fixed, linked     [[key, value]], [[key, the key whose value it has]]
//   baseline          id of the point that is the scenario as it was, or null
//   points            [{"id", "status", "front", "values": [an entry an axis: a number, or null], "violation": how far it is beyond
//                      the constraints, null without figures, "message"}]
// The value of a key that varies is the number of its level.
import {element} from "./dom.js";
import {startPage} from "./start.js";
import {listing} from "./sweep/listing.js";
import {parallel} from "./sweep/parallel.js";
import {question} from "./sweep/question.js";
import {Selection} from "./sweep/selection.js";
import {tradeoff} from "./sweep/tradeoff.js";
import {tile, tiles} from "./tiles.js";

const sweep = JSON.parse(document.getElementById("data").textContent);
const selection = new Selection();
const run = sweep.points.filter((point) => point.values.every((value) => value !== null));

const words = {front: "on the Pareto front", file: "points.csv"};

function overview() {
    const count = (status) => sweep.points.filter((point) => point.status === status).length.toLocaleString("en");
    const goals = sweep.axes.filter((axis) => axis.goal).map((axis) => `${axis.goal} ${axis.name}`).join("; ");
    return {
        id: "overview", title: "At a glance", lead: goals ? `Looked for: ${goals}.` : null,
        content: [tiles(
            tile("On the Pareto front", sweep.points.filter((point) => point.front).length.toLocaleString("en"), "no other point is at least as good in all and better in one"),
            tile("Done", count("done"), "keep every constraint"),
            tile("Infeasible", count("infeasible"), "break a constraint, or cannot be run"),
            tile("Failed", count("failed"), "the table says why"))],
    };
}

const charts = run.length ? [tradeoff(sweep, run, selection), parallel({...sweep, words}, run, selection)]
    : [element("p", {class: "absent"}, "No point has figures.")];
startPage({brand: "Gradus sweep", title: sweep.title, subtitle: sweep.scenario},
    [overview(), question(sweep), {id: "points", title: "Points", content: [...charts, listing({...sweep, words}, selection)]}], {selection});
