// SPDX-License-Identifier: Apache-2.0
// Figures that matter most, large.
import {element} from "./dom.js";

/** "1.69 ms": the number large, its unit small. */
function figure(text) {
    const [, number, unit] = text.match(/^(\S+)\s*(.*)$/);
    return unit ? [number, element("small", {}, ` ${unit}`)] : [number];
}

export function tile(title, value, under) {
    return element("div", {class: "tile"}, element("dt", {}, title), element("dd", {}, figure(value)),
        element("dd", {class: "under"}, under));
}

export const tiles = (...each) => element("dl", {class: "tiles"}, each);

/** The answer in a sentence, and what is to be said about it. */
export function verdict(sentence, ...more) {
    return element("div", {class: "verdict"}, element("p", {}, element("strong", {}, sentence)), more.map((each) => element("p", {}, each)));
}

/** "bound by DMA" as a sentence. */
export function sentence(text) {
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
