// SPDX-License-Identifier: Apache-2.0
// How sure *this* chip is: which references touch which of its blocks. A reference says something about a block only
// where it has the same dataflow or the same standard, and about the whole only if that very chip was measured.

const name = {forms: "Systolic arrays: closed forms", dram: "DRAM controllers: request streams", lean: "A lean engine on an FPGA: measured"};
const measuredChip = "lean-calibrated";

/** Whether a key that begins like this has another value than the file it comes from gives it. */
const changed = (result, prefix) => Object.entries(result.origins ?? {}).some(([key, {from}]) => key.startsWith(prefix) && from === "override");

function matrix(result, {forms}) {
    const {dataflow, model} = result.scenario.chip.engine?.matrix ?? {};
    if (!["output", "weight", "input"].includes(dataflow)) return {text: "none for this dataflow"};
    return {touched: `${forms.name}, ${dataflow}-stationary`, worst: forms.worst, text: model === "rtl" ? "and here it is the RTL itself" : "cycles of the array; its port and its start-up by tests of our own"};
}

function dram(result, {dram: streams}) {
    const standard = result.scenario.chip.dram?.name ?? "";
    const rows = Object.entries(streams.subjects).filter(([subject]) => standard !== "" && subject.startsWith(standard));
    if (rows.length === 0) return {text: `none for ${standard || "this memory"}: others were held against two simulators`};
    if (changed(result, "chip.dram.timing") || changed(result, "chip.dram.organisation")) return {text: `none: it is ${standard} with other timings`};
    const worst = rows.map(([, each]) => each.worst).reduce((a, b) => (Math.abs(parseFloat(b)) > Math.abs(parseFloat(a)) ? b : a));
    return {touched: `${streams.name}, ${standard}`, worst, text: "one channel and streams of requests, not this chip's"};
}

function whole(result, {lean}) {
    if (result.scenario.chip.name !== measuredChip || changed(result, "chip.")) return {text: "none: no chip like this one was measured"};
    return {touched: lean.name, worst: lean.worst, text: "single operators, of which eight were fitted"};
}

/** One row a block: {block, touched, worst, text}; without `touched`, no reference says anything about it. */
export function coverage(result, references) {
    const find = (title) => references.find((each) => each.name === title);
    const known = {forms: find(name.forms), dram: find(name.dram), lean: find(name.lean)};
    return [
        {block: "Matrix unit", ...matrix(result, known)},
        {block: "DRAM", ...dram(result, known)},
        {block: "Vector unit, DMA, fabric, scratchpad, hart", text: "none: tests of our own hold them to their formulas"},
        {block: "The whole chip", ...whole(result, known)},
    ];
}
