// SPDX-License-Identifier: Apache-2.0
// What every unit did: busy, waiting for what, idle.
import {axis, figure, tip} from "../chart.js";
import {element, tooltip} from "../dom.js";
import {count, percent, time} from "../format.js";
import {legend} from "../legend.js";
import {activities, look, palette} from "../palette.js";
import {unitsOverTime} from "./over_time.js";
import {stretch} from "./stretch.js";

function utilisation(result) {
    const {of, short, time_ps: total, usage: shares} = stretch(result);
    const units = [...result.units].reverse();
    const kinds = [...activities, {key: "idle", title: "idle"}].filter(({key}) => result.units.some((unit) => shares(unit)[key] > 0));
    return figure({
        id: "units", title: "Busy, waiting, idle", height: 90 + 34 * units.length,
        note: `Of ${of}. Waiting is time with work at hand and no progress; idle is time without work. They add up exactly.`,
        option: (theme, {width}) => {
            const colours = palette(theme);
            return {
                grid: {left: 70, right: 16, top: 38, bottom: 42},
                legend: legend(theme),
                tooltip: tip(theme, (parts) => {
                    const unit = units[parts[0].dataIndex];
                    return tooltip(unit.name, parts.map((part) => [part.seriesName, percent(part.value)]));
                }, {trigger: "axis", axisPointer: {type: "shadow"}}),
                xAxis: axis(theme, {type: "value", name: `share of ${short} (%)`, nameLocation: "middle", nameGap: 26, max: 1, axisLabel: {formatter: (value) => Math.round(value * 100)}}),
                yAxis: axis(theme, {type: "category", data: units.map((unit) => unit.name), axisLabel: {color: colours.text}}),
                series: kinds.map((kind) => {
                    const style = kind.key === "idle" ? {colour: colours.track, decal: {symbol: "none"}} : look(kind.look, theme);
                    return {
                        name: kind.title, type: "bar", stack: "all", barWidth: 20,
                        itemStyle: {color: style.colour, decal: style.decal},
                        label: {color: kind.key === "idle" ? colours.soft : colours.inside, fontSize: 11, padding: [2, 4], borderRadius: 2, backgroundColor: style.colour,
                            formatter: ({value}) => percent(value)},
                        data: units.map((unit) => shares(unit)[kind.key] / total).map((value) => ({value, label: {show: value * (width - 86) >= 48}})),
                    };
                }),
            };
        },
        table: {
            columns: [{title: "Unit"}, {title: "Busy", numeric: true}, ...activities.slice(1).map(({title}) => ({title, numeric: true})), {title: "Idle", numeric: true},
                {title: "Of peak while busy", numeric: true}, {title: "Commands of the run", numeric: true}],
            rows: () => result.units.map((unit) => {
                const parts = shares(unit);
                return [unit.name, time(parts.busy), ...activities.slice(1).map(({key}) => time(parts[key])), time(parts.idle),
                    unit.peak_per_cycle ? percent(unit.efficiency) : "–", unit.kind === "cpu" ? "–" : count(unit.commands)];
            }),
        },
    });
}

export function units(result) {
    return {id: "units", title: "What the units do", content: [utilisation(result), result.over_time ? unitsOverTime(result) : element("p", {class: "absent"}, "What units did over time is not in this result.")]};
}
