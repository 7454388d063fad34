// SPDX-License-Identifier: Apache-2.0
// What the timing models were held against, with the errors, and what they leave out. Both come with the program that
// wrote this page: doc/validation.md and the headers of the timing cores.
import {element, table} from "../dom.js";

/* global CONFIDENCE */
const {references, omissions} = CONFIDENCE;

const signed = (error) => error.replace("-", "−");
const size = (error) => Math.abs(parseFloat(error.replace(/[^\d.-]/g, "")) || 0);

/** One sentence: how many checks there are, and how far the models are off at worst. */
export function loosest() {
    const worst = references.reduce((a, b) => (size(b.worst) > size(a.worst) ? b : a));
    const checks = references.reduce((sum, reference) => sum + reference.checks, 0);
    return `the models were held against ${references.length} references in ${checks} checks; the largest error is ${signed(worst.worst)} (${worst.name}).`;
}

export function confidence() {
    return {
        id: "confidence", title: "How sure",
        lead: "An estimate is worth as much as the models behind it.",
        content: [
            element("div", {class: "card"}, element("h3", {}, "What the models are held against"),
                table([{title: "Reference"}, {title: "Compared"}, {title: "Checks", numeric: true}, {title: "Mean error", numeric: true}, {title: "Worst error", numeric: true}],
                    references.map((each) => [each.name, each.compared, String(each.checks), signed(each.mean), signed(each.worst)]), "References")),
            element("div", {class: "card"}, element("h3", {}, "What is not modelled"),
                table([{title: "Block"}, {title: "Left out"}], omissions.map((each) => [each.block, each.text]), "What is not modelled")),
        ],
    };
}
