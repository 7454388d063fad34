// SPDX-License-Identifier: Apache-2.0
// The selected points as a table, the best first; behind those that keep every constraint the nearest misses.
import {element, table} from "../dom.js";
import {valueText} from "./values.js";

const most = 500;

/** Points that know nothing of constraints keep them all; what has no figures comes last. */
const distance = ({violation}) => (violation === null ? Number.MAX_VALUE : violation ?? 0);

export function listing(sweep, selection) {
    const body = element("div", {id: "listing", class: "long"});
    const explained = sweep.points.some((point) => point.message);
    const columns = [{title: "Point", numeric: true}, {title: "Status"}, ...sweep.axes.map((axis) => ({title: axis.short, numeric: true})), ...(explained ? [{title: "Why not"}] : [])];
    const show = () => {
        const chosen = sweep.points.filter((point) => selection.has(point)).sort((a, b) => Number(b.front) - Number(a.front) || distance(a) - distance(b) || a.id - b.id);
        const rows = chosen.slice(0, most).map((point) => [`${point.id}`, (point.front ? sweep.words.front : point.status) + (point.id === sweep.baseline ? ", the scenario as it was" : ""),
            ...sweep.axes.map((axis, i) => valueText(axis, point.values[i])), ...(explained ? [point.message] : [])]);
        const left = chosen.length - rows.length;
        body.replaceChildren(element("p", {class: "note"}, `${chosen.length.toLocaleString("en")} of ${sweep.points.length.toLocaleString("en")} points`
            + `${left ? `; the first ${most} are shown, ${sweep.words.file} has all` : ""}.`), table(columns, rows, "Points"));
    };
    selection.onChange(show);
    show();
    return element("figure", {}, element("figcaption", {}, element("h3", {}, "The points selected")), body);
}
