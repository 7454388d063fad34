// SPDX-License-Identifier: Apache-2.0
// What the timing models were held against, with the errors, and what they leave out. Both come with the program that
// wrote this page: doc/validation.md and the headers of the timing cores.
import {element, table} from "../dom.js";
import {coverage} from "./coverage.js";

/* global CONFIDENCE */
const {references, omissions} = CONFIDENCE;

const signed = (error) => error.replace("-", "−");

/** One sentence: which blocks of this chip were held against something, and whether the whole was. */
export function howSure(result) {
    const rows = coverage(result, references);
    const touched = rows.slice(0, -1).filter((row) => row.touched).map((row) => `its ${row.block.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase())} (worst error ${signed(row.worst)})`);
    const blocks = touched.length ? `references touch ${touched.join(" and ")}` : "no reference touches a block of it";
    const whole = rows.at(-1);
    return `${blocks}; ${whole.touched ? `${whole.touched}: worst error ${signed(whole.worst)}` : "the whole was never measured"}.`;
}

export function confidence(result) {
    return {
        id: "confidence", title: "How sure",
        lead: "An estimate is worth as much as the models behind it.",
        content: [
            element("div", {class: "card"}, element("h3", {}, "What is known about this chip"),
                table([{title: "Block"}, {title: "Reference"}, {title: "Worst error", numeric: true}, {title: "What it says"}],
                    coverage(result, references).map(({block, touched, worst, text}) => [block, touched ?? "–", worst ? signed(worst) : "–", text]), "What is known about this chip"),
                element("p", {class: "note"}, "Errors of blocks do not add up to one of the whole.")),
            element("div", {class: "card"}, element("h3", {}, "What the models are held against"),
                table([{title: "Reference"}, {title: "Compared"}, {title: "Checks", numeric: true}, {title: "Mean error", numeric: true}, {title: "Worst error", numeric: true}],
                    references.map((each) => [each.name, each.compared, String(each.checks), signed(each.mean), signed(each.worst)]), "References")),
            element("div", {class: "card"}, element("h3", {}, "What is not modelled"),
                table([{title: "Block"}, {title: "Left out"}], omissions.map((each) => [each.block, each.text]), "What is not modelled")),
        ],
    };
}
