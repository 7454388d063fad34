// SPDX-License-Identifier: Apache-2.0
// Every parameter of the run; what differs from the default stands out and can be looked at alone.
import {element, table} from "../dom.js";

/** The value of "chip.engine.matrix.rows", or undefined. */
export function valueOf(scenario, key) {
    return key.split(".").reduce((inner, name) => inner?.[name], scenario);
}

export function written(value) {
    return value === undefined ? "–" : value === "" ? "(empty)" : String(value);
}

export function scenario(result, parameters) {
    const rows = parameters.map((parameter) => ({...parameter, value: valueOf(result.scenario, parameter.key)}));
    const changed = rows.filter((row) => row.value !== row.default);
    const holder = element("div", {});
    const show = (all) => holder.replaceChildren(table(
        [{title: "Parameter"}, {title: "Value"}, {title: "Default"}, {title: "Unit"}, {title: "Meaning"}],
        (all ? rows : changed).map((row) => [element("code", {}, row.key),
            element("span", {class: row.value === row.default ? null : "changed"}, written(row.value)), written(row.default), row.unit || "–", row.help]),
        "Parameters of the scenario"));
    const box = element("input", {type: "checkbox", id: "all-parameters", onchange: (event) => show(event.target.checked)});
    show(false);
    return {
        id: "scenario", title: "The scenario in full",
        lead: `${result.scenario.name}: ${changed.length} of ${rows.length} parameters differ from their defaults.`,
        content: [element("div", {class: "card"}, element("label", {class: "note"}, box, " Show all parameters"), holder)],
    };
}
