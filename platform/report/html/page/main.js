// SPDX-License-Identifier: Apache-2.0
import {charts, drawAll} from "./chart.js";
import {element} from "./dom.js";
import {heading} from "./heading.js";
import {sections} from "./sections/index.js";
import {comparison} from "./sections/comparison.js";
import {startTheme} from "./theme.js";

const data = JSON.parse(document.getElementById("data").textContent);

/** Titles that are not the same twice: two results of one scenario are told apart by their paths. */
function titled(results) {
    return results.map(({name, result}) => {
        const same = results.filter((other) => other.result.scenario.name === result.scenario.name);
        return {name, result, title: same.length > 1 ? name.replace(/\/?result\.json$/, "") : result.scenario.name};
    });
}

const results = titled(data.results);
const contents = element("ul", {});
const body = element("div", {class: "body"});

function show(section) {
    const title = element("h2", {id: section.id}, section.title);
    contents.append(element("li", {}, element("a", {href: `#${section.id}`}, section.title)));
    return element("section", {"aria-labelledby": section.id}, title, section.lead ? element("p", {class: "lead"}, section.lead) : null,
        ...section.content);
}

function fill(selected) {
    contents.replaceChildren();
    const shown = [];
    if (results.length > 1) shown.push(show(comparison(results, data.parameters)), chooser(selected));
    for (const section of sections) {
        const made = section(results[selected].result, data.parameters);
        if (made) shown.push(show(made));
    }
    body.replaceChildren(...shown);
    document.documentElement.dataset.ready = "drawing";
    drawAll().then(() => { document.documentElement.dataset.ready = "yes"; });
}

function chooser(selected) {
    const choose = (event) => {
        fill(Number(event.target.value));
        document.getElementById("chosen").focus();
    };
    return element("p", {class: "chooser"}, element("label", {for: "chosen"}, "Everything below is about"),
        element("select", {id: "chosen", onchange: choose}, results.map((each, i) =>
            element("option", {value: i, selected: i === selected}, each.title))));
}

function header() {
    const first = results[0].result.scenario;
    const title = results.length > 1 ? `${results.length} runs side by side` : first.name;
    document.title = `${title} – Gradus report`;
    const what = results.length > 1 ? results.map((each) => each.title).join(" · ")
        : `${first.model.name ?? "a model"} on ${results[0].result.chip.name}`;
    return heading("Gradus report", title, what);
}

startTheme();
document.body.append(header(), element("div", {class: "columns"},
    element("nav", {"aria-label": "Contents"}, contents), element("main", {id: "main"}, body)));
window.gradus = {charts};
fill(0);
