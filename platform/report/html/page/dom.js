// SPDX-License-Identifier: Apache-2.0
// Builds elements. Text is always text: nothing of a result is ever read as HTML.

/** element("p", {class: "note"}, "text", child, ...): properties that begin with "on" are listeners; null children are
 *  left out. */
export function element(tag, properties = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
        if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
        else if (value === true) made.setAttribute(name, "");
        else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
    }
    made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
    return made;
}

/** A table from rows of cells. A cell is a text, an element, or a number with its format: {value, text}. Columns:
 *  {title, numeric}. */
export function table(columns, rows, caption) {
    const cell = (value, column, tag = "td") =>
        element(tag, {class: column.numeric ? "number" : null, scope: tag === "th" ? "row" : null}, value ?? "–");
    return element(
        "div",
        {class: "scroll", tabindex: "0", role: "region", "aria-label": caption},
        element(
            "table",
            {},
            element("caption", {class: "hidden"}, caption),
            element("thead", {}, element("tr", {}, columns.map((column) =>
                element("th", {scope: "col", class: column.numeric ? "number" : null}, column.title)))),
            element("tbody", {}, rows.map((row) =>
                element("tr", {}, row.map((value, i) => cell(value, columns[i], i === 0 ? "th" : "td"))))),
        ),
    );
}

/** Rows with a colour or pattern in front of a name, for tooltips. */
export function tooltip(title, rows) {
    return element("div", {class: "tooltip"},
        element("strong", {}, title),
        rows.map(([name, value]) => element("div", {class: "tooltip-row"}, element("span", {}, name), element("b", {}, value))));
}
