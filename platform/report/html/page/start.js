// SPDX-License-Identifier: Apache-2.0
// A page of sections that never change: heading, contents, the sections, and all charts drawn.
import {charts, drawAll} from "./chart.js";
import {element} from "./dom.js";
import {heading} from "./heading.js";
import {startTheme} from "./theme.js";

/** A section {id, title, lead, content}, and its entry in the contents. */
export function shown(section, contents) {
    contents.append(element("li", {}, element("a", {href: `#${section.id}`}, section.title)));
    return element("section", {"aria-labelledby": section.id}, element("h2", {id: section.id}, section.title),
        section.lead ? element("p", {class: "lead"}, section.lead) : null, ...section.content);
}

/** Everything around the contents and the sections. */
export function frame({brand, title, subtitle}, contents, body) {
    document.title = `${title} – ${brand}`;
    startTheme();
    document.body.append(heading(brand, title, subtitle), element("div", {class: "columns"},
        element("nav", {"aria-label": "Contents"}, contents), element("main", {id: "main"}, body)));
}

/** Draws what is in the page; whoever waits for it looks at data-ready. */
export function draw() {
    document.documentElement.dataset.ready = "drawing";
    drawAll().then(() => { document.documentElement.dataset.ready = "yes"; });
}

export function startPage(head, sections, more = {}) {
    const contents = element("ul", {});
    frame(head, contents, sections.filter(Boolean).map((section) => shown(section, contents)));
    window.gradus = {charts, ...more};
    draw();
}
