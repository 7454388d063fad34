// SPDX-License-Identifier: Apache-2.0
// How many bytes went from where to where: memories on the left are read, those on the right are written.
import {figure, tip} from "../chart.js";
import {tooltip} from "../dom.js";
import {percent, quantity} from "../format.js";
import {look, palette} from "../palette.js";

const sides = [["dram", "DRAM"], ["scratchpad", "scratchpad"]];

function flows(result) {
    return result.units.flatMap((unit) => sides.flatMap(([key, title]) => [
        {source: `${title} (read)`, target: unit.name, value: unit[`${key}_bytes_read`]},
        {source: unit.name, target: `${title} (written)`, value: unit[`${key}_bytes_written`]},
    ])).filter((flow) => flow.value > 0);
}

export function traffic(result) {
    const links = flows(result);
    const names = [...new Set(links.flatMap(({source, target}) => [source, target]))];
    const total = links.filter(({source}) => source.endsWith("(read)")).reduce((sum, {value}) => sum + value, 0);
    const kinds = ["DRAM", "scratchpad", "dma", "matrix", "vector"];
    const kindOf = (name) => Math.max(0, kinds.findIndex((kind) => name.startsWith(kind)));
    if (links.length === 0) return null;
    return {
        id: "traffic", title: "Traffic between blocks",
        content: [figure({
            id: "traffic", title: "Bytes moved by the units' commands", height: Math.max(280, 60 + 44 * result.units.length),
            note: "From the memories that are read, through the units, to the memories that are written; over the whole run. Descriptors and the hart's own accesses are not in it.",
            option: (theme) => {
                const colours = palette(theme);
                return {
                    tooltip: tip(theme, ({dataType, data, name, value}) => (dataType === "edge"
                        ? tooltip(`${data.source} → ${data.target}`, [["moved", quantity(data.value, "B")], ["of all that is read", percent(data.value / total)]])
                        : tooltip(name, [["moved", quantity(value, "B")]]))),
                    series: [{
                        type: "sankey", left: 4, right: 200, top: 10, bottom: 10, nodeWidth: 14, nodeGap: 14, draggable: false, layoutIterations: 64,
                        label: {color: colours.text, formatter: ({name, value}) => `${name}  ${quantity(value, "B")}`},
                        lineStyle: {color: "source", opacity: theme === "dark" ? 0.4 : 0.28, curveness: 0.5},
                        emphasis: {focus: "adjacency"},
                        data: names.map((name) => ({name, itemStyle: {color: look(kindOf(name), theme).colour, borderWidth: 0}})),
                        links,
                    }],
                };
            },
            table: {
                columns: [{title: "From"}, {title: "To"}, {title: "Bytes", numeric: true}],
                rows: () => links.map(({source, target, value}) => [source, target, quantity(value, "B")]),
            },
        })],
    };
}
