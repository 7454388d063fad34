// SPDX-License-Identifier: Apache-2.0
// The scenario in full: first what it changes of the files it starts from, then what those say, then the defaults.
import {element, table} from "../dom.js";

/** The value of "chip.engine.matrix.rows", or undefined. */
export function valueOf(scenario, key) {
    return key.split(".").reduce((inner, name) => inner?.[name], scenario);
}

export function written(value) {
    return value === undefined ? "–" : value === "" ? "(empty)" : String(value);
}

const code = (text) => element("code", {}, text);
/** A value; a long list may go on in the next line. */
const shown = (value, changed = false) => element("span", {class: changed ? "value changed" : "value"},
    written(value).split(/(?<=,)/).map((part) => [part, element("wbr")]));
const meaning = [{title: "Unit"}, {title: "Meaning"}];
const meaningOf = (row) => [row.unit || "–", element("span", {class: "meaning"}, row.help)];

function rowsOf(result, parameters) {
    const origins = result.origins ?? {};
    return parameters.map((parameter) => {
        const value = valueOf(result.scenario, parameter.key);
        const {from = "default", place = "", base = parameter.default, base_place: basePlace = null} = origins[parameter.key] ?? {};
        const changed = (from === "file" || from === "override") && value !== base;
        return {...parameter, value, from, place, base, basePlace, changed};
    });
}

function changes(rows) {
    const changed = rows.filter((row) => row.changed).sort((a, b) => Number(b.from === "override") - Number(a.from === "override"));
    if (changed.length === 0) return element("p", {class: "absent"}, "It changes nothing of the files that it starts from.");
    return table([{title: "Parameter"}, {title: "Value"}, {title: "In its base"}, {title: "Set by"}, ...meaning],
        changed.map((row) => [code(row.key), shown(row.value, true), element("span", {class: "value"}, `${written(row.base)}${row.basePlace ? "" : " (default)"}`),
            row.from === "override" ? "command line" : row.place, ...meaningOf(row)]), "What the scenario changes");
}

function bases(rows) {
    const own = rows.filter((row) => !row.changed && row.value !== row.default);
    return table([{title: "Parameter"}, {title: "Value"}, {title: "Default"}, {title: "From"}, ...meaning],
        own.map((row) => [code(row.key), shown(row.value), shown(row.default), row.place || "the name of its file", ...meaningOf(row)]), "What the base files say");
}

function everything(rows) {
    return table([{title: "Parameter"}, {title: "Value"}, {title: "Default"}, {title: "Set by"}, ...meaning],
        rows.map((row) => [code(row.key), shown(row.value, row.changed), shown(row.default), row.from === "default" ? "–" : row.place, ...meaningOf(row)]),
        "All parameters");
}

/** "../chips/tiny.toml", once each. */
const filesOf = (rows) => [...new Set(rows.filter((row) => row.from === "base" || row.basePlace).map((row) => (row.basePlace ?? row.place).replace(/:\d+$/, "")))];

function card(title, note, content, more = "") {
    return element("div", {class: `card ${more}`}, element("h3", {}, title), note ? element("p", {class: "note"}, note) : null, content);
}

export function scenario(result, parameters) {
    const rows = rowsOf(result, parameters);
    const files = filesOf(rows);
    const all = element("details", {class: "data"}, element("summary", {}, `Show all ${rows.length} parameters`));
    all.addEventListener("toggle", () => { if (all.open && all.childElementCount === 1) all.append(everything(rows)); });
    return {
        id: "scenario", title: "The scenario in full",
        lead: `${result.scenario.name}${files.length ? ` starts from ${files.join(", ")}.` : "."}`,
        content: [
            card("What it changes", "Against the files that it starts from, or the defaults where they say nothing; the command line first.", changes(rows)),
            card("What the files that it starts from say", "Where that is not the default.", bases(rows), "long"),
            element("div", {class: "card"}, all),
        ],
    };
}
