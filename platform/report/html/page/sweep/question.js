// SPDX-License-Identifier: Apache-2.0
// What the sweep was asked: constraints with what became of them, what is the same in every point, keys that go along with
// others, and the scenario as it was.
import {element, table} from "../dom.js";
import {verdict} from "../tiles.js";
import {valueText} from "./values.js";

const code = (text) => element("code", {}, text);

function card(title, columns, rows) {
    if (rows.length === 0) return null;
    return element("div", {class: "card"}, element("h3", {}, title), table(columns, rows, title));
}

/** When no point keeps every constraint: what keeps them from it. */
function nearest({points, constraints}) {
    if (points.some((point) => point.status === "done") || !points.some((point) => point.violation)) return null;
    const never = constraints.filter(({best}) => best !== null).map((each) => `needs ${each.needs}, the best has ${valueText(each, each.best)}: ${each.missed_by}`);
    const why = never.length ? never.map((each, i) => `${i ? "it" : "It"} ${each}`).join("; ") : "Each is kept by some point, all by none";
    return verdict("No point keeps every constraint.", `${why}. The table of points begins with the nearest.`);
}

function baseline({baseline, points}) {
    const point = points.find(({id}) => id === baseline);
    return element("p", {class: "note"}, point ? `Point ${point.id} is the scenario as it was, without what varies.` : "The scenario as it was, without what varies, is none of the points.");
}

export function question(sweep) {
    return {
        id: "question", title: "What was asked",
        content: [
            nearest(sweep),
            card("Constraints", [{title: "Needs"}, {title: "Points that keep it", numeric: true}, {title: "Otherwise the nearest"}],
                sweep.constraints.map((each) => [code(each.needs), `${each.kept.toLocaleString("en")} of ${each.of.toLocaleString("en")}`,
                    each.best === null ? "–" : `${valueText(each, each.best)}, ${each.missed_by}`])),
            card("The same in every point", [{title: "Key"}, {title: "Value"}], sweep.fixed.map(([key, value]) => [code(key), value])),
            card("Keys that go along", [{title: "Key"}, {title: "Has the value of"}], sweep.linked.map(([key, other]) => [code(key), code(other)])),
            baseline(sweep),
        ].filter(Boolean),
    };
}
