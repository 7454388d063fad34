// SPDX-License-Identifier: Apache-2.0
// Two axes of the reader's choice; the Pareto front stands out. A rectangle selects.
import {axis as frameAxis, figure, redrawAll, tip} from "../chart.js";
import {element, tooltip} from "../dom.js";
import {legend} from "../legend.js";
import {look, palette} from "../palette.js";
import {axisTitle, scale, valueText} from "./values.js";

const kinds = [
    {title: "on the Pareto front", look: 3, size: 13, of: (point) => point.front},
    {title: "done", look: 0, size: 8, of: (point) => point.status === "done" && !point.front},
    {title: "infeasible", look: 6, size: 7, of: (point) => point.status === "infeasible"},
];

export function tradeoff(sweep, points, selection) {
    const {axes} = sweep;
    // What is looked for, and of that what the chip shows rather than what it was given.
    const goals = axes.flatMap((axis, i) => (axis.goal ? [i] : [])).sort((a, b) => Boolean(axes[a].levels) - Boolean(axes[b].levels) || a - b);
    const chosen = {x: goals[1] ?? 0, y: goals[0] ?? axes.length - 1};
    const choose = (which, title) => element("label", {}, `${title} `, element("select", {id: `axis-${which}`,
        onchange: (event) => { chosen[which] = Number(event.target.value); selection.set(null); redrawAll(); }},
    axes.map((axis, i) => element("option", {value: i, selected: i === chosen[which]}, axis.name))));

    const series = (theme) => kinds.map((kind) => {
        const style = look(kind.look, theme);
        return {
            name: kind.title, type: "scatter", symbol: style.symbol, symbolSize: kind.size, color: style.colour,
            data: points.filter(kind.of).map((point) => ({value: [point.values[chosen.x], point.values[chosen.y]], point,
                itemStyle: {color: style.colour, opacity: selection.has(point) ? 0.85 : 0.12}})),
        };
    });
    // Between two neighbours of the front nothing better was found than the one that still reaches the other axis' value.
    const front = (theme) => {
        const [across, up] = [axes[chosen.x], axes[chosen.y]];
        if (goals.length !== 2 || !across.goal || !up.goal || across === up) return [];
        return [{
            name: kinds[0].title, type: "line", step: across.goal === "maximise" ? "start" : "end", silent: true, symbol: "none", z: 1, tooltip: {show: false},
            lineStyle: {color: look(kinds[0].look, theme).colour, width: 1.5, type: "dashed", opacity: 0.7},
            data: points.filter(kinds[0].of).map((point) => [point.values[chosen.x], point.values[chosen.y]]).sort(([a], [b]) => a - b),
        }];
    };
    const what = {
        id: "tradeoff", title: "Trade-offs", height: 460,
        note: "Each mark is a point, a whole run by itself; the names of the axes say which of its figures are shown. Draw a rectangle to select; a click beside it ends the selection.",
        controls: element("div", {class: "controls"}, choose("x", "Across"), choose("y", "Up")),
        option: (theme) => {
            what.theme = theme;
            return {
                grid: {left: 84, right: 30, top: 44, bottom: 56},
                legend: legend(theme, {data: kinds.filter((kind) => points.some(kind.of)).map((kind) => kind.title)}),
                toolbox: {show: false},
                brush: {xAxisIndex: 0, seriesIndex: kinds.map((_, i) => i), brushType: "rect", brushMode: "single", throttleType: "debounce", throttleDelay: 80,
                    outOfBrush: {colorAlpha: 0.15}, brushStyle: {color: "rgba(120,150,190,.15)", borderColor: palette(theme).soft}},
                tooltip: tip(theme, ({data}) => data?.point && tooltip(`point ${data.point.id}`,
                    axes.map((axis, i) => [axis.short, valueText(axis, data.point.values[i])]))),
                xAxis: frameAxis(theme, {...scale(axes[chosen.x]), name: axisTitle(axes[chosen.x]), nameLocation: "middle", nameGap: 34}),
                yAxis: frameAxis(theme, {...scale(axes[chosen.y]), name: axisTitle(axes[chosen.y]), nameLocation: "middle", nameGap: 66}),
                series: [...series(theme), ...front(theme)],
            };
        },
        drawn: (chart) => {
            chart.dispatchAction({type: "takeGlobalCursor", key: "brush", brushOption: {brushType: "rect", brushMode: "single"}});
            if (what.listening) return;
            what.listening = true;
            chart.on("brushSelected", ({batch}) => {
                if (!batch[0].areas.length && what.quiet) return;
                const picked = new Set();
                for (const {seriesIndex, dataIndex} of batch[0].selected)
                    for (const i of dataIndex) picked.add(points.filter(kinds[seriesIndex].of)[i].id);
                what.quiet = !batch[0].areas.length;
                selection.set(batch[0].areas.length ? picked : null, show);
            });
        },
        table: {
            columns: [{title: "Point", numeric: true}, ...axes.map((axis) => ({title: axis.short, numeric: true}))],
            rows: () => points.filter((point) => point.front).map((point) => [`${point.id}`, ...axes.map((axis, i) => valueText(axis, point.values[i]))]),
        },
        describe: "The table holds the points on the Pareto front.",
    };
    const show = () => {
        if (!what.chart) return;
        what.quiet = true;
        what.chart.dispatchAction({type: "brush", areas: []});
        what.chart.setOption({series: series(what.theme)});
    };
    selection.onChange(show);
    return figure(what);
}
