// SPDX-License-Identifier: Apache-2.0
// How wide a text is, before it is drawn.

const pen = document.createElement("canvas").getContext("2d");

export const fontFamily = () => getComputedStyle(document.body).fontFamily;

/** In pixels, of the longest of its lines. */
export function textWidth(text, size = 12, weight = "normal") {
    pen.font = `${weight} ${size}px ${fontFamily()}`;
    return Math.max(...text.split("\n").map((line) => pen.measureText(line).width));
}

/** A name of several parts, and its last part alone. */
export const shorter = (name) => [name, name.split(".").at(-1)];

/** The first of several ways to say something that fits into `width`; nothing if none does, for half a word says nothing. */
export function fitting(width, ways, size, weight) {
    return ways.find((way) => textWidth(way, size, weight) <= width) ?? "";
}
