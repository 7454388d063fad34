// SPDX-License-Identifier: Apache-2.0
// Colours that colour-blind people can tell apart (M. Okabe and K. Ito, Color Universal Design, 2008), each with a
// pattern, a dash and a symbol of its own, so that nothing is told by colour alone.

const light = {
    text: "#1d2430", soft: "#5b6573", line: "#d9dee5", surface: "#ffffff", track: "#eceff3",
    blue: "#0072b2", orange: "#d98200", green: "#008a65", red: "#c84f00", purple: "#b4568c", sky: "#3d9bd1", grey: "#7b8694",
    olive: "#7d7a00", ink: "#2b3442", violet: "#6a4fc4",
    pattern: "rgba(255,255,255,0.55)", inside: "#ffffff", halo: "rgba(0,0,0,0.4)", // of texts on these colours
};
const dark = {
    text: "#e7ebf0", soft: "#9aa5b3", line: "#333b47", surface: "#191e26", track: "#262d37",
    blue: "#4aa3df", orange: "#e69f00", green: "#2bb891", red: "#e8753a", purple: "#cc79a7", sky: "#7cc4f0", grey: "#8792a0",
    olive: "#d6d04f", ink: "#dfe4ea", violet: "#a592f5",
    pattern: "rgba(10,14,20,0.5)", inside: "#0b0f14", halo: "rgba(255,255,255,0.25)",
};

export function palette(theme) {
    return theme === "dark" ? dark : light;
}

const stripes = (rotation, dash) => ({symbol: "rect", dashArrayX: [1, 0], dashArrayY: dash, rotation});
const dots = (size) => ({symbol: "circle", symbolSize: size, dashArrayX: [[5, 5], [0, 5, 5, 0]], dashArrayY: [5, 0]});

/** In this order: solid, then ever different patterns. */
const patterns = [
    null,
    stripes(-Math.PI / 4, [2, 5]),
    dots(0.6),
    stripes(0, [2, 4]),
    stripes(Math.PI / 4, [1, 3]),
    stripes(Math.PI / 2, [2, 5]),
    {symbol: "rect", symbolSize: 0.5, dashArrayX: [[4, 4], [0, 4, 4, 0]], dashArrayY: [4, 0]},
    stripes(Math.PI / 8, [3, 3]),
    dots(0.9),
    stripes(0, [1, 7]),
];
const names = ["blue", "orange", "green", "red", "purple", "sky", "grey", "olive", "ink", "violet"];
const dashes = ["solid", [6, 3], [2, 3], [8, 3, 2, 3], [12, 4], [4, 2, 1, 2], [1, 4], [10, 2, 2, 2, 2, 2], [3, 1], [5, 5]];
const symbols = ["circle", "rect", "triangle", "diamond", "path://M4 0h4v4h4v4h-4v4h-4v-4h-4v-4h4z", "roundRect", "arrow", "pin",
    "path://M0 0h12l-12 12h12z", "path://M0 0v12l12 -12v12z"];

/** The look of the `index`-th thing of several: colour, decal, dash, symbol. Ten are told apart; a chart with a legend has no more. */
export function look(index, theme) {
    const colours = palette(theme);
    const i = index % names.length;
    return {
        colour: colours[names[i]],
        decal: patterns[i] ? {...patterns[i], color: colours.pattern} : {symbol: "none"},
        dash: dashes[i],
        symbol: symbols[i],
    };
}

const phases = {forward: 0, backward: 3, update: 2, validate: 7, generate: 4, other: 6};
export const phaseNames = Object.keys(phases);
export const phaseLook = (phase, theme) => look(phases[phase] ?? phases.other, theme);

/** What a unit does. Idle is the bare track. */
export const activities = [
    {key: "busy", title: "busy", help: "does a command's work; the hart: executes instructions", look: 0},
    {key: "memory", title: "waits for memory", help: "operands or results move more slowly than the unit works", look: 1},
    {key: "fence", title: "waits for a fence", help: "another queue has not retired enough", look: 3},
    {key: "fetch", title: "waits for a descriptor", help: "the descriptor is not here yet", look: 4},
    {key: "bus", title: "waits for the bus", help: "the hart waits for a device or shared memory", look: 2},
];
