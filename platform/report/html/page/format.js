// SPDX-License-Identifier: Apache-2.0
// Figures for people: four significant digits and the unit that suits them, in the digits of the program's own texts
// (platform/report/human.cpp). tests/support/written_figures.csv holds both.

const space = "\u00a0"; // a number keeps its unit on its line

/** `value` over `size`, half of the last digit rounded up: in the same steps as the program, so that no bit differs. */
function fixed(value, size, decimals) {
    const scale = 10 ** decimals;
    return (Math.floor(value * scale / size + 0.5) / scale).toFixed(decimals);
}

/** Decimals that make four significant digits. */
const decimalsOf = (value) => (value < 9.9995 ? 3 : value < 99.995 ? 2 : value < 999.95 ? 1 : 0);

/** {size, unit} of the first of `units`, each a thousand of the one before, in which the value is below 1000. */
function unitOf(value, units) {
    const index = units.findIndex((_, i) => value / 1000 ** i < 999.95 || i === units.length - 1);
    return {size: 1000 ** index, unit: units[index]};
}

function scaled(value, units) {
    const {size, unit} = unitOf(Math.abs(value), units);
    const text = fixed(Math.abs(value), size, Math.max(1, decimalsOf(Math.abs(value) / size)));
    return `${value < 0 ? "−" : ""}${text}${space}${unit}`;
}

const times = ["ps", "ns", "µs", "ms", "s"];
const prefixes = ["", "k", "M", "G", "T", "P"];
/** Units of measure with parts below one; of counts and rates there are none, and a tenth of a token is 0.1. */
const measures = {
    J: {per: 1e15, units: ["fJ", "pJ", "nJ", "µJ", "mJ", "J", "kJ", "MJ"]},
    W: {per: 1e6, units: ["µW", "mW", "W", "kW"]},
};

export function time(picoseconds) {
    return picoseconds ? scaled(picoseconds, times) : `0${space}s`;
}

function measure(value, {per, units}, unit) {
    return value ? scaled(value * per, units) : `0${space}${unit}`;
}

/** A prefix joins a symbol, not a word: "GB/s", but "k tokens/s". */
const prefixed = (unit) => prefixes.map((prefix) => `${prefix}${prefix && /^[a-z]{3}/.test(unit) ? space : ""}${unit}`);

function bytes(value, unit) {
    if (value < 1000) return `${fixed(value, 1, 0)}${space}${unit}`;
    return scaled(value, prefixed(unit));
}

/** 12.90 k, 4.500 GB/s, 12.00 mW, 9.400 k tokens/s. */
export function quantity(value, unit = "") {
    if (measures[unit]) return measure(value, measures[unit], unit);
    if (!value) return `0${space}${unit}`.trim();
    if (!unit) return count(value);
    return unit.startsWith("B") ? bytes(value, unit) : scaled(value, prefixed(unit));
}

export function count(value) {
    if (Number.isInteger(value) && Math.abs(value) < 10000) return String(value);
    return scaled(value, prefixes).trim();
}

/** A loss of any size in a column of usual ones. */
export function loss(value, decimals = 4) {
    return Math.abs(value) < 1000 ? value.toFixed(decimals) : value.toExponential(3);
}

const capacities = ["B", "KiB", "MiB", "GiB", "TiB"];

function capacityStep(value) {
    const index = capacities.findIndex((_, i) => value / 1024 ** i < 1023.5 || i === capacities.length - 1);
    return {size: 1024 ** index, unit: capacities[index]};
}

export function capacity(value) {
    const {size, unit} = capacityStep(value);
    return `${Number(fixed(value, size, decimalsOf(value / size)))}${space}${unit}`;
}

export function percent(share) {
    if (!Number.isFinite(share)) return "–";
    const size = Math.abs(share * 100);
    if (size > 0 && size < 0.05) return `<0.1${space}%`;
    return `${share < 0 ? "−" : ""}${fixed(size, 1, 1)}${space}%`;
}

/** A number that takes no prefix, such as an intensity, a ratio or an area: so many significant digits. */
export function plain(value, significant = 4) {
    return Number(value.toPrecision(significant)).toLocaleString("en", {maximumSignificantDigits: 21});
}

/** One unit for a whole axis of times: {size, unit}. */
export function timeUnit(longest) {
    return unitOf(longest || 1e12, times);
}

/** One prefix for a whole axis: {size, unit}. */
export function quantityUnit(largest, unit) {
    if (!measures[unit]) return unitOf(largest || 1, prefixed(unit));
    const {per, units} = measures[unit];
    const {size, unit: chosen} = unitOf((largest || 1) * per, units);
    return {size: size / per, unit: chosen};
}

export function capacityUnit(largest) {
    return capacityStep(largest || 1);
}

/** Ticks of an axis, which may be many and close. */
export function tick(value) {
    return plain(value, 6);
}

/** Of a text with a figure, the figure without the zeros at its end: "2.600 ms" as a tick is 2.6 ms. */
export const unpadded = (text) => text.replace(/(\.\d*?)0+(?!\d)/, "$1").replace(/\.(?!\d)/, "");
