// SPDX-License-Identifier: Apache-2.0
// The page of one result or of several. Its data:
//   parameters   [{"key": "chip.dma.channels", "unit", "help", "default"}], every key of a scenario
//   results      [{"name": a path, "result": see condense.h}]
//   causes       of several results, for each but the first: why it differs (doc/what-if.md), or null
import {charts} from "./chart.js";
import {element} from "./dom.js";
import {sections} from "./sections/index.js";
import {comparison} from "./sections/comparison.js";
import {draw, frame, shown} from "./start.js";

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

function fill(selected) {
    contents.replaceChildren();
    const filling = [];
    if (results.length > 1) filling.push(shown(comparison(results, data.causes, data.parameters), contents), chooser(selected));
    for (const section of sections) {
        const made = section(results[selected].result, data.parameters);
        if (made) filling.push(shown(made, contents));
    }
    body.replaceChildren(...filling);
    draw();
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

function head() {
    const first = results[0].result.scenario;
    return {
        brand: "Gradus report",
        title: results.length > 1 ? `${results.length} runs side by side` : first.name,
        subtitle: results.length > 1 ? results.map((each) => each.title).join(" · ")
            : `${first.model.name ?? "a model"} on ${results[0].result.chip.name}`,
    };
}

frame(head(), contents, body);
window.gradus = {charts};
fill(0);
