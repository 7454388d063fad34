// SPDX-License-Identifier: Apache-2.0
// The page of a sweep: what it found, trade-offs, parallel coordinates and a table, of which each selects in the others.
import {charts, drawAll} from "./chart.js";
import {element} from "./dom.js";
import {heading} from "./heading.js";
import {startTheme} from "./theme.js";
import {listing} from "./sweep/listing.js";
import {parallel} from "./sweep/parallel.js";
import {Selection} from "./sweep/selection.js";
import {tradeoff} from "./sweep/tradeoff.js";

const sweep = JSON.parse(document.getElementById("data").textContent);
const selection = new Selection();
const run = sweep.points.filter((point) => point.values.every((value) => value !== null));

function tile(title, value, under) {
    return element("div", {class: "tile"}, element("dt", {}, title), element("dd", {}, value.toLocaleString("en")), element("dd", {class: "under"}, under));
}

function overview() {
    const count = (status) => sweep.points.filter((point) => point.status === status).length;
    const goals = sweep.axes.filter((axis) => axis.goal).map((axis) => `${axis.goal} ${axis.name}`).join("; ");
    return element("section", {"aria-labelledby": "overview"}, element("h2", {id: "overview"}, "At a glance"),
        goals ? element("p", {class: "lead"}, `Looked for: ${goals}.`) : null,
        element("dl", {class: "tiles"},
            tile("On the Pareto front", sweep.points.filter((point) => point.front).length, "no other point is at least as good in all and better in one"),
            tile("Done", count("done"), "keep every constraint"),
            tile("Infeasible", count("infeasible"), "break a constraint, or a rule of scenarios"),
            tile("Failed", count("failed"), "the table says why")));
}

document.title = `${sweep.title} – Gradus sweep`;
startTheme();
document.body.append(heading("Gradus sweep", sweep.title, sweep.scenario), element("div", {class: "columns"}, element("nav", {}),
    element("main", {id: "main"}, overview(),
        element("section", {}, element("h2", {}, "Points"),
            run.length ? [tradeoff(sweep, run, selection), parallel(sweep, run, selection)] : element("p", {class: "absent"}, "No point has figures."),
            listing(sweep, selection)))));
window.gradus = {charts, selection};
drawAll().then(() => { document.documentElement.dataset.ready = "yes"; });
