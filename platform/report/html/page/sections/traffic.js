// SPDX-License-Identifier: Apache-2.0
// How many bytes went from where to where: memories on the left are read, those on the right are written.
import {figure, tip} from "../chart.js";
import {tooltip} from "../dom.js";
import {percent, quantity} from "../format.js";
import {textWidth} from "../measure.js";
import {look, palette} from "../palette.js";

const written = {dram: "DRAM", sram: "SRAM"};
const nameOf = (memory) => written[memory] ?? memory;

/** {source, target, what, value}: from a memory to a unit, from a unit to a memory. */
function flows(result) {
    return result.traffic.flatMap(({unit, memory, what, bytes_read: read, bytes_written: wrote}) => [
        {source: `${nameOf(memory)}, read`, target: unit, what, value: read},
        {source: unit, target: `${nameOf(memory)}, written`, what, value: wrote},
    ]).filter((flow) => flow.value > 0);
}

export function traffic(result) {
    const links = flows(result);
    const names = [...new Set(links.flatMap(({source, target}) => [source, target]))];
    const total = links.filter(({source}) => source.endsWith(", read")).reduce((sum, {value}) => sum + value, 0);
    const kinds = ["DRAM", "scratchpad", "SRAM", "dma", "matrix", "vector", "cpu"];
    const columnOf = (name) => (name.endsWith(", read") ? 0 : name.endsWith(", written") ? 2 : 1);
    const kindOf = (name) => Math.max(0, kinds.findIndex((kind) => name.startsWith(kind)));
    if (links.length === 0) return null;
    return {
        id: "traffic", title: "Traffic between blocks",
        content: [figure({
            id: "traffic", title: "Bytes moved between memories and units", height: Math.max(300, 60 + 48 * result.units.length), least: 480,
            note: "Over the whole run, as fabric and memories counted them: from the memories that are read, through the units, to the memories that are written. What comes from SRAM are descriptors. Not in it: the hart in its SRAM, where it has a port of its own.",
            option: (theme) => {
                const colours = palette(theme);
                const room = Math.max(...names.filter((name) => columnOf(name) === 2).map((name) => textWidth(name)), textWidth("888.8 MB"));
                return {
                    tooltip: tip(theme, ({dataType, data, name, value}) => (dataType === "edge"
                        ? tooltip(`${data.source} → ${data.target}`, [[data.what, quantity(data.value, "B")], ["of all that is read", percent(data.value / total)]])
                        : tooltip(name, [["moved", quantity(value, "B")]]))),
                    series: [{
                        type: "sankey", left: 4, right: room + 8, top: 16, bottom: 16, nodeWidth: 14, nodeGap: 30, draggable: false, layoutIterations: 64,
                        label: {color: colours.text, formatter: ({name, value}) => `${name}\n${quantity(value, "B")}`, lineHeight: 14},
                        lineStyle: {color: "source", opacity: theme === "dark" ? 0.4 : 0.28, curveness: 0.5},
                        emphasis: {focus: "adjacency"},
                        data: names.map((name) => ({name, depth: columnOf(name), itemStyle: {color: look(kindOf(name), theme).colour, borderWidth: 0}})),
                        links,
                    }],
                };
            },
            table: {
                columns: [{title: "From"}, {title: "To"}, {title: "What"}, {title: "Moved", numeric: true}, {title: "Bytes", numeric: true}],
                rows: () => links.map(({source, target, what, value}) => [source, target, what, quantity(value, "B"), value.toLocaleString("en")]),
            },
        })],
    };
}
