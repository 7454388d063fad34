// SPDX-License-Identifier: Apache-2.0
// Figures for people: four significant digits and the unit that suits them.

const times = [[1e12, "s"], [1e9, "ms"], [1e6, "µs"], [1e3, "ns"], [1, "ps"]];
const decimal = [[1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""], [1e-3, "m"], [1e-6, "µ"], [1e-9, "n"], [1e-12, "p"]];
const binary = [[2 ** 40, "TiB"], [2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"], [1, "B"]];

const space = "\u00a0"; // a number keeps its unit on its line

function digits(value) {
    const size = Math.abs(value);
    if (size >= 1000 || Number.isInteger(value)) return Math.round(value).toLocaleString("en");
    return value.toLocaleString("en", {maximumFractionDigits: size >= 100 ? 1 : size >= 10 ? 2 : 3});
}

/** The first step of a scale that the value reaches. */
function step(value, scale) {
    return scale.find(([size]) => Math.abs(value) >= size * 0.99995) ?? scale.at(-1);
}

export function time(picoseconds) {
    if (!picoseconds) return `0${space}s`;
    const [size, unit] = step(picoseconds, times);
    return `${digits(picoseconds / size)}${space}${unit}`;
}

/** 1.23 k, 4.5 GB/s, 12 mW, 9.4 k tokens/s: a prefix joins a symbol, not a word. */
export function quantity(value, unit = "") {
    if (!value) return `0${space}${unit}`.trim();
    const [size, prefix] = step(value, decimal);
    return `${digits(value / size)}${space}${prefix}${prefix && /^[a-z]{3}/.test(unit) ? space : ""}${unit}`.trim();
}

/** A loss of any size in a column of usual ones. */
export function loss(value, decimals = 4) {
    return Math.abs(value) < 1000 ? value.toFixed(decimals) : value.toExponential(3);
}

export function capacity(bytes) {
    if (!bytes) return `0${space}B`;
    const [size, unit] = step(bytes, binary);
    return `${digits(bytes / size)}${space}${unit}`;
}

export function count(value) {
    return value < 100000 ? Math.round(value).toLocaleString("en") : quantity(value);
}

export function percent(share) {
    if (!Number.isFinite(share)) return "–";
    const size = Math.abs(share * 100);
    if (size > 0 && size < 0.005) return `<${space}0.01${space}%`;
    return `${(share * 100).toFixed(size === 0 || size >= 99.95 ? 0 : size < 0.1 ? 2 : 1)}${space}%`;
}

/** One unit for a whole axis of times: {size, unit}. */
export function timeUnit(longest) {
    const [size, unit] = step(longest || 1e12, times);
    return {size, unit};
}

/** One prefix for a whole axis: {size, unit}. */
export function quantityUnit(largest, unit) {
    const [size, prefix] = step(largest || 1, decimal);
    return {size, unit: prefix + unit};
}

export function capacityUnit(largest) {
    const [size, unit] = step(largest || 1, binary);
    return {size, unit};
}

/** Ticks of an axis. */
export function plain(value) {
    return value === 0 ? "0" : digits(Number(value.toPrecision(6)));
}
