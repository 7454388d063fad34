// SPDX-License-Identifier: Apache-2.0
// What the run costs in energy and the chip in area, by block. Estimates from published figures, with their range.
import {axis, figure, names, tip} from "../chart.js";
import {element, tooltip} from "../dom.js";
import {count, percent, plain, quantity, quantityUnit, tick, time} from "../format.js";
import {legend} from "../legend.js";
import {look, palette} from "../palette.js";
import {powerOverTime} from "./over_time.js";

function energyByBlock(energy) {
    const blocks = energy.blocks.filter((block) => block.total_j > 0).sort((a, b) => a.total_j - b.total_j);
    const {size, unit} = quantityUnit(Math.max(...blocks.map((block) => block.total_j)), "J");
    const parts = [["work", "dynamic_j", 0], ["leakage", "leakage_j", 6], ["standby", "standby_j", 1]].filter(([, key]) => blocks.some((block) => block[key] > 0));
    return figure({
        id: "energy", title: "Energy by block", height: 100 + 26 * blocks.length,
        note: `Of the whole run: ${quantity(energy.total_j, "J")} in all; what the figures behind it leave open: ${quantity(energy.low_j, "J")} to ${quantity(energy.high_j, "J")}.`,
        option: (theme, {width}) => {
            const colours = palette(theme);
            const {room, label} = names(theme, blocks.map((block) => block.name), width);
            return {
                legend: legend(theme), grid: {left: room, right: 60, top: 34, bottom: 42},
                tooltip: tip(theme, (bars) => {
                    const block = blocks[bars[0].dataIndex];
                    return tooltip(block.name, [...parts.map(([title, key]) => [title, quantity(block[key], "J")]), ["in all", quantity(block.total_j, "J")], ["of the run", percent(block.total_j / energy.total_j)], ["power", quantity(block.average_w, "W")]]);
                }, {trigger: "axis", axisPointer: {type: "shadow"}}),
                xAxis: axis(theme, {type: "value", name: `energy (${unit})`, nameLocation: "middle", nameGap: 26, splitNumber: 4, axisLabel: {formatter: tick}}),
                yAxis: axis(theme, {type: "category", data: blocks.map((block) => block.name), axisLabel: label}),
                series: parts.map(([title, key, index], i) => ({name: title, type: "bar", stack: "all", barWidth: 14, itemStyle: {color: look(index, theme).colour, decal: look(index, theme).decal},
                    label: {show: i === parts.length - 1, position: "right", color: colours.text, formatter: ({dataIndex}) => percent(blocks[dataIndex].total_j / energy.total_j)},
                    data: blocks.map((block) => block[key] / size)})),
            };
        },
        table: {columns: [{title: "Block"}, ...parts.map(([title]) => ({title, numeric: true})), {title: "In all", numeric: true}, {title: "Mean power", numeric: true}],
            rows: () => [...blocks].reverse().map((block) => [block.name, ...parts.map(([, key]) => quantity(block[key], "J")), quantity(block.total_j, "J"), quantity(block.average_w, "W")])},
    });
}

/** Area of a chip in square millimetres; on an FPGA its look-up tables stand for it, the rest is in the table. */
function areaByBlock(area) {
    const silicon = area.total_mm2 !== undefined;
    const measure = silicon ? "mm2" : "lut";
    const unit = silicon ? "mm²" : "LUT";
    const total = silicon ? area.total_mm2 : area.lut;
    const blocks = area.blocks.filter((block) => block[measure] > 0).sort((a, b) => a[measure] - b[measure]);
    const write = (value, digits) => (silicon ? `${plain(value, digits)} mm²` : `${count(value)} LUT`);
    const others = silicon ? [] : ["ff", "dsp", "bram"];
    return figure({
        id: "area", title: "Area by block", height: 100 + 26 * blocks.length,
        note: silicon ? `Of the chip: ${write(total)} in all; what the figures behind it leave open: ${write(area.low_mm2, 3)} to ${write(area.high_mm2, 3)}.` : `Of the chip: ${write(total)} in all.`,
        option: (theme, {width}) => {
            const colours = palette(theme);
            const {room, label} = names(theme, blocks.map((block) => block.name), width);
            return {
                grid: {left: room, right: 60, top: 34, bottom: 42},
                tooltip: tip(theme, ({name, value}) => tooltip(name, [["area", write(value)], ["of the chip", percent(value / total)]])),
                xAxis: axis(theme, {type: "value", name: `area (${unit})`, nameLocation: "middle", nameGap: 26, splitNumber: 4, axisLabel: {formatter: tick}}),
                yAxis: axis(theme, {type: "category", data: blocks.map((block) => block.name), axisLabel: label}),
                series: [{type: "bar", barWidth: 14, itemStyle: {color: look(2, theme).colour, borderRadius: 2}, data: blocks.map((block) => block[measure]),
                    label: {show: true, position: "right", color: colours.text, formatter: ({value}) => percent(value / total)}}],
            };
        },
        table: {columns: [{title: "Block"}, {title: unit, numeric: true}, ...others.map((key) => ({title: key.toUpperCase(), numeric: true}))],
            rows: () => [...blocks].reverse().map((block) => [block.name, write(block[measure]), ...others.map((key) => count(block[key] ?? 0))])},
    });
}

export function energy(result) {
    const {energy: spent, area} = result;
    const has = {energy: spent?.blocks?.some((block) => block.total_j > 0), area: area?.blocks?.some((block) => block.mm2 > 0 || block.lut > 0)};
    if (!has.energy && !has.area)
        return {id: "energy-and-area", title: "Energy and area", content: [element("p", {class: "absent"}, "Energy and area are not in this result.")]};
    return {
        id: "energy-and-area", title: "Energy and area",
        lead: has.energy ? `${spent.technology ? `${spent.technology}: ` : ""}${quantity(spent.average_w, "W")} on average over the whole run, ${quantity(spent.peak_w, "W")} at peak${spent.peak_window_ps ? ` over ${time(spent.peak_window_ps)}` : ""}; estimates from published figures.` : null,
        content: [
            element("div", {class: "pair"}, has.energy ? energyByBlock(spent) : null, has.area ? areaByBlock(area) : null),
            powerOverTime(result) ?? element("p", {class: "absent"}, "Power over time is not in this result."),
        ],
    };
}
