// SPDX-License-Identifier: Apache-2.0
// Whose time the run was: a nested chart of operators, and the bounds beside what was measured.
import {axis, figure, names, redrawAll, tip} from "../chart.js";
import {element, tooltip} from "../dom.js";
import {count, percent, tick, time, timeUnit} from "../format.js";
import {fitting, shorter} from "../measure.js";
import {look, palette, phaseLook} from "../palette.js";
import {stretch} from "./stretch.js";

const layerName = (op) => (op.layer === null ? "no layer" : `layer ${op.layer}`);
/** "mlp.up" for "layer3.mlp.up", where the layer is known or room is short. */
export const inLayer = (name) => name.replace(/^layer\d+\./, "");
const groupings = {
    phase: {title: "By phase, layer, operator", levels: [(op) => op.phase, layerName, (op) => op.name]},
    kind: {title: "By kind of operator", levels: [(op) => op.kind || "other", (op) => op.phase, (op) => op.name]},
    layer: {title: "By layer", levels: [layerName, (op) => op.phase, (op) => op.name]},
};

/** Nested {name, value, children, phase}, largest first. */
function nested(ops, levels) {
    const [name, ...inner] = levels;
    const groups = new Map();
    for (const op of ops) {
        const key = name(op);
        groups.set(key, [...(groups.get(key) ?? []), op]);
    }
    const made = [...groups].map(([key, members]) => ({
        name: key,
        value: members.reduce((sum, op) => sum + op.time_ps, 0),
        phase: members.every((op) => op.phase === members[0].phase) ? members[0].phase : null,
        op: inner.length === 0 ? members[0] : null,
        children: inner.length > 0 ? nested(members, inner) : undefined,
    }));
    return made.filter((node) => node.value > 0).sort((a, b) => b.value - a.value);
}

function coloured(nodes, theme, family) {
    const colours = palette(theme);
    return nodes.map((node, i) => {
        const style = node.phase ? phaseLook(node.phase, theme) : family ?? look(i, theme);
        return {
            ...node,
            itemStyle: {color: style.colour, borderColor: colours.surface},
            children: node.children ? coloured(node.children, theme, style) : undefined,
        };
    });
}

function treemap(result) {
    let grouping = "phase";
    const total = result.totals.time_ps;
    const ops = result.ops.filter((op) => op.time_ps > 0);
    const boxOf = (dataIndex) => what.chart.getModel().getSeriesByIndex(0).getData().getItemLayout(dataIndex);
    /** As much of name and share as its rectangle has room for. */
    const labelOf = ({name, value, dataIndex}) => {
        const {width, height} = boxOf(dataIndex);
        const shown = height < 18 ? "" : fitting(width - 12, shorter(inLayer(name)), 11);
        const share = shown && height >= 36 ? fitting(width - 8, [percent(value / total)], 11) : "";
        return share ? `${shown}\n${share}` : shown;
    };
    const titleOf = ({name, value, dataIndex}) => fitting(boxOf(dataIndex).width - 10, [`${name}  ${percent(value / total)}`, name], 11, 600);
    const option = (theme) => {
        const colours = palette(theme);
        return {
            tooltip: tip(theme, ({data, treePathInfo}) => tooltip(treePathInfo.slice(1).map((each) => each.name).join(" › "), [
                ["time", time(data.value)], ["of the run", percent(data.value / total)],
                ...(data.op ? [["shape", data.op.shape || "–"], ["MACs", count(data.op.macs)], ["DRAM traffic", count(data.op.dram_bytes_read + data.op.dram_bytes_written) + " B"]] : []),
            ])),
            series: [{
                name: "the run", type: "treemap", left: 0, right: 0, top: 0, bottom: 30, roam: false, nodeClick: "zoomToNode", leafDepth: 3, drillDownIcon: "",
                visibleMin: 30, childrenVisibleMin: 400,
                breadcrumb: {left: 0, bottom: 0, height: 22, itemStyle: {color: colours.track, textStyle: {color: colours.text}}, emphasis: {itemStyle: {color: colours.line}}},
                label: {fontSize: 11, lineHeight: 15, color: colours.inside, textBorderColor: colours.halo, textBorderWidth: 2, overflow: "none",
                    formatter: labelOf},
                upperLabel: {show: true, height: 20, fontSize: 11, fontWeight: 600, color: colours.text, textBorderWidth: 0, overflow: "none",
                    formatter: titleOf},
                levels: [{itemStyle: {gapWidth: 4, borderColor: colours.surface}, upperLabel: {show: false}}, {itemStyle: {gapWidth: 2}}, {itemStyle: {gapWidth: 1}}, {itemStyle: {gapWidth: 0, borderWidth: 0.5}}],
                data: coloured(nested(ops, groupings[grouping].levels), theme, null),
            }],
        };
    };
    const buttons = Object.entries(groupings).map(([key, {title}]) => element("button", {
        type: "button", "aria-pressed": String(key === grouping), onclick: (event) => {
            grouping = key;
            for (const button of event.target.parentElement.children) button.setAttribute("aria-pressed", button === event.target);
            redrawAll();
        },
    }, title));
    const what = {
        id: "time", title: "Time of the run by phase, layer and operator", height: 460,
        note: "Of the whole run. An operator is charged with what moves the end of the run; work that hides under another operator costs nothing. Click to go inside, the path below leads back.",
        controls: element("div", {class: "controls", role: "group", "aria-label": "Grouping"}, buttons),
        option,
        table: {
            columns: [{title: "Operator"}, {title: "Phase"}, {title: "Layer"}, {title: "Shape"}, {title: "Time", numeric: true}, {title: "Of the run", numeric: true}, {title: "On critical path", numeric: true}],
            rows: () => [...ops].sort((a, b) => b.time_ps - a.time_ps).map((op) => [op.name, op.phase, op.layer === null ? "–" : String(op.layer), op.shape,
                time(op.time_ps), percent(op.time_ps / total), time(op.critical_path_ps)]),
        },
    };
    return figure(what);
}

function bounds(result) {
    const {of, short, time_ps: total, lower_bounds} = stretch(result);
    const rows = [...lower_bounds].sort((a, b) => a.time_ps - b.time_ps);
    const {size, unit} = timeUnit(total);
    return figure({
        id: "bounds", title: "How far from the limits", height: 52 + 34 * (rows.length + 1),
        note: `What the work of ${of} would take if one resource alone mattered. It cannot be shorter than the longest of these.`,
        option: (theme, {width}) => {
            const colours = palette(theme);
            const style = look(0, theme);
            const resources = [...rows.map((row) => row.resource), short];
            const {room, label} = names(theme, resources, width);
            return {
                grid: {left: room, right: 70, top: 4, bottom: 42},
                tooltip: tip(theme, ({name, value}) => tooltip(name, [["time", time(value * size)], [`of ${short}`, percent(value * size / total)]])),
                xAxis: axis(theme, {type: "value", name: `time (${unit})`, nameLocation: "middle", nameGap: 26, max: total / size, axisLabel: {formatter: tick, showMaxLabel: false}}),
                yAxis: axis(theme, {type: "category", data: resources, axisLabel: label}),
                series: [{
                    type: "bar", barWidth: 16, itemStyle: {borderRadius: 2}, showBackground: true, backgroundStyle: {color: colours.track, borderRadius: 2},
                    label: {show: true, position: "right", color: colours.text, formatter: ({value}) => percent(value * size / total)},
                    data: [...rows.map((row) => ({value: row.time_ps / size, itemStyle: {color: style.colour}})),
                        {value: total / size, itemStyle: {color: colours.grey, decal: look(1, theme).decal}, label: {show: false}}],
                }],
            };
        },
        table: {
            columns: [{title: "Resource"}, {title: "Lower bound", numeric: true}, {title: `Of ${short}`, numeric: true}],
            rows: () => [...rows].reverse().map((row) => [row.resource, time(row.time_ps), percent(row.time_ps / total)]),
        },
    });
}

export function whereTimeGoes(result) {
    return {
        id: "time",
        title: "Where the time goes",
        lead: result.ops_are_groups ? `${result.op_count.toLocaleString("en")} operators are summed up by phase, layer and kind.` : null,
        content: [treemap(result), bounds(result)],
    };
}
