// SPDX-License-Identifier: Apache-2.0
// The selected points as a table, those on the Pareto front first.
import {element, table} from "../dom.js";
import {valueText} from "./values.js";

const most = 500;

export function listing(sweep, selection) {
    const body = element("div", {id: "listing"});
    const columns = [{title: "Point", numeric: true}, {title: "Status"}, ...sweep.axes.map((axis) => ({title: axis.short, numeric: true})), {title: "Why not"}];
    const show = () => {
        const chosen = sweep.points.filter((point) => selection.has(point)).sort((a, b) => Number(b.front) - Number(a.front) || a.id - b.id);
        const rows = chosen.slice(0, most).map((point) => [`${point.id}`, point.front ? "Pareto front" : point.status,
            ...sweep.axes.map((axis, i) => valueText(axis, point.values[i])), point.message]);
        const left = chosen.length - rows.length;
        body.replaceChildren(element("p", {class: "note"}, `${chosen.length.toLocaleString("en")} of ${sweep.points.length.toLocaleString("en")} points`
            + `${left ? `; the first ${most} are shown, points.csv has all` : ""}.`), table(columns, rows, "Points of the sweep"));
    };
    selection.onChange(show);
    show();
    return element("figure", {}, element("figcaption", {}, element("h3", {}, "The points selected")), body);
}
