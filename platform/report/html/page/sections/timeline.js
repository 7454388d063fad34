// SPDX-License-Identifier: Apache-2.0
// What every unit did when, from the whole run down to a command.
import {axis, figure, tip} from "../chart.js";
import {element, tooltip} from "../dom.js";
import {percent, time, timeUnit} from "../format.js";
import {fitting, fontFamily, shorter} from "../measure.js";
import {activities, palette, phaseLook, phaseNames} from "../palette.js";
import {inLayer} from "./time.js";
import {finest, levelsOf} from "./timeline_data.js";

const shortest = 200; // ps that a view can show
const lane = 34;

/** A moment, with as many digits as the view needs. */
function moment(view) {
    const {size, unit} = timeUnit((view[1] - view[0]) * 0.99);
    const decimals = Math.max(0, Math.min(3, Math.ceil(Math.log10(size / (view[1] - view[0]) * 10))));
    return {unit, write: (value) => (value / size).toLocaleString("en", {maximumFractionDigits: decimals})};
}

const executing = (slice) => (slice.times.busy ?? 0) + (slice.times.memory ?? 0);

function nameOf(slice) {
    if (slice.op) return slice.op.name;
    if (slice.spans > 1) return slice.phase === "other" ? "several operators" : `several operators, ${slice.phase}`;
    return slice.opcode ?? "firmware";
}

/** What the slice waits for most. */
function waitOf(slice) {
    if (slice.waitsFor) return `waits for ${slice.waitsFor}`;
    return activities.slice(1).reduce((a, b) => ((slice.times[b.key] ?? 0) > (slice.times[a.key] ?? 0) ? b : a)).title;
}

function describe(units, slice) {
    const length = slice.end - slice.begin;
    const what = slice.spans === 1
        ? [["", slice.activity === "busy" ? "busy" : waitOf(slice)], ...(slice.opcode ? [["command", slice.opcode]] : [])]
        : [["stands for", `${slice.spans.toLocaleString("en")} spans`],
            ...activities.filter(({key}) => slice.times[key] > 0).map(({key, title}) => [title, percent(slice.times[key] / length)])];
    return tooltip(nameOf(slice), [["unit", units[slice.unit]], ["phase", slice.phase], ["from", time(slice.begin)], ["length", time(length)], ...what]);
}

function renderer(theme, slices) {
    const colours = palette(theme);
    return (params, api) => {
        const slice = slices[params.dataIndex];
        const [left, middle] = api.coord([api.value(1), api.value(0)]);
        const [right] = api.coord([api.value(2), api.value(0)]);
        const {x, width} = params.coordSys;
        const from = Math.max(left, x);
        const to = Math.min(Math.max(right, left + 0.6), x + width);
        if (to <= from) return null;
        const share = executing(slice) / (slice.end - slice.begin);
        const height = lane - 10;
        const top = middle - height / 2;
        const bar = (y, tall, fill) => ({type: "rect", shape: {x: from, y, width: to - from, height: tall}, style: {fill, ...(to - from > 4 ? {stroke: colours.surface, lineWidth: 0.6} : {})}});
        const text = (y, ways, more) => ({type: "text", silent: true, style: {x: from + 4, y, text: fitting(to - from - 8, ways, 11), font: `11px ${fontFamily()}`, verticalAlign: "middle", ...more}});
        // Work stands on the floor of the lane, as high as its share; waiting alone is a line along the floor.
        const children = [{...bar(top, height, "transparent"), style: {fill: "transparent"}}]; // all of it can be pointed at
        const work = Math.max(share > 0 ? 2 : 0, share * height);
        if (work > 0) children.push(bar(top + height - work, work, phaseLook(slice.phase, theme).colour));
        else children.push(bar(top + height - 3, 3, colours.grey));
        // The part of a command that waits for its operands is lighter.
        if (slice.times.memory > 0 && slice.spans === 1) children.push({...bar(top, height, theme === "dark" ? "rgba(0,0,0,.45)" : "rgba(255,255,255,.55)"), silent: true});
        if (share > 0.5 && to - from > 30) children.push(text(top + height / 2, shorter(inLayer(nameOf(slice))), {fill: colours.inside, stroke: colours.halo, lineWidth: 2}));
        if (work === 0 && to - from > 60) children.push(text(top + height / 2 + 2, [waitOf(slice)], {fill: colours.soft}));
        return {type: "group", children};
    };
}

/** The view and what follows from it. */
class View {
    constructor(result) {
        this.levels = levelsOf(result);
        this.whole = [0, result.totals.time_ps];
        this.view = this.whole;
        this.status = element("span", {class: "note", role: "status"});
    }

    get level() { return finest(this.levels, ...this.view); }

    visible() {
        const [begin, end] = this.view;
        return this.level.slices.filter((slice) => slice.end >= begin && slice.begin <= end);
    }

    move(begin, end) {
        const length = Math.min(Math.max(end - begin, shortest), this.whole[1]);
        const from = Math.min(Math.max(0, begin), this.whole[1] - length);
        this.view = [from, from + length];
    }

    zoom(factor) {
        const [begin, end] = this.view;
        const spare = (end - begin) * (1 - factor) / 2;
        this.move(begin + spare, end - spare);
    }

    pan(share) {
        const step = (this.view[1] - this.view[0]) * share;
        this.move(this.view[0] + step, this.view[1] + step);
    }

    say() {
        const {grain} = this.level;
        this.status.textContent = `${time(this.view[1] - this.view[0])} shown; ${grain ? `spans below ${time(grain)} are merged` : "every span is single"}`;
    }
}

function key(theme) {
    const entry = (colour, tall, text) => element("span", {class: "key"}, element("i", {style: `background:${colour};height:${tall}px`}), text);
    return [...phaseNames.map((phase) => entry(phaseLook(phase, theme).colour, 14, phase === "other" ? "other or mixed work" : phase)),
        entry(palette(theme).grey, 3, "waiting, for what is said inside")];
}

export function timeline(result) {
    if (!result.timeline?.levels?.length)
        return {id: "timeline", title: "Timeline", content: [element("p", {class: "absent"}, "No timeline: this result holds none.")]};
    const units = result.units.map((unit) => unit.name);
    const view = new View(result);
    const keys = element("div", {class: "keys"});
    let chart = null;
    let colours = "light";

    const series = () => {
        const slices = view.visible();
        return {id: "slices", type: "custom", clip: true, encode: {x: [1, 2], y: 0}, dimensions: ["unit", "begin", "end"], renderItem: renderer(colours, slices),
            data: slices.map((slice) => [slice.unit, slice.begin, slice.end]), tooltip: {formatter: ({dataIndex}) => describe(units, slices[dataIndex])}};
    };
    const xAxis = () => {
        const {unit, write} = moment(view.view);
        return {name: `time since reset (${unit})`, axisLabel: {formatter: write}};
    };
    const refresh = () => {
        view.say();
        chart.setOption({series: [series()], xAxis: xAxis(), dataZoom: [0, 1].map(() => ({startValue: view.view[0], endValue: view.view[1]}))}, {lazyUpdate: false});
    };
    const go = (change) => () => { change(); refresh(); };
    const to = (name) => {
        const level = view.levels.find((each) => each.name === name);
        return level && go(() => view.move(level.begin, level.end));
    };
    const actions = {ArrowLeft: go(() => view.pan(-0.2)), ArrowRight: go(() => view.pan(0.2)), "+": go(() => view.zoom(0.5)), "-": go(() => view.zoom(2)), Home: to("run")};
    const button = (title, id, onclick) => (onclick ? element("button", {type: "button", id, onclick}, title) : null);
    const made = figure({
        id: "timeline", title: "Every unit, from the run down to a command", height: lane * units.length + 116,
        note: "Colour is the phase, height the share of the time with work under way; what is lighter waits for its operands. Ctrl and wheel zoom, dragging moves; on the keyboard + − and the arrow keys.",
        describe: "Plus and minus zoom, the arrow keys move, Home shows the whole run.",
        controls: element("div", {}, element("div", {class: "controls", role: "group", "aria-label": "View of the timeline"},
            button("Whole run", "view-run", to("run")), button("One step", "view-step", to("step")), button("First commands of it", "view-head", to("head")),
            button("Zoom in", "zoom-in", actions["+"]), button("Zoom out", "zoom-out", actions["-"]), view.status), keys),
        keys: (event) => {
            const action = actions[event.key === "=" ? "+" : event.key];
            if (!action) return;
            event.preventDefault();
            action();
        },
        drawn: (instance) => {
            chart = instance;
            chart.off("datazoom");
            chart.on("datazoom", () => {
                const {startValue, endValue} = chart.getOption().dataZoom[0];
                if (Math.abs(startValue - view.view[0]) < 1 && Math.abs(endValue - view.view[1]) < 1) return;
                view.move(startValue, endValue);
                refresh();
            });
        },
        option: (theme) => {
            colours = theme;
            keys.replaceChildren(...key(theme));
            view.say();
            const {text, line, track, soft} = palette(theme);
            const zoom = {filterMode: "none", startValue: view.view[0], endValue: view.view[1], minValueSpan: shortest};
            return {
                grid: {left: 70, right: 18, top: 6, bottom: 96},
                tooltip: tip(theme, null),
                xAxis: axis(theme, {type: "value", min: 0, max: view.whole[1], nameLocation: "middle", nameGap: 26, splitNumber: 6, ...xAxis(), axisLabel: {...xAxis().axisLabel, hideOverlap: true, color: soft, showMinLabel: false, showMaxLabel: false}}),
                yAxis: axis(theme, {type: "category", inverse: true, data: units, splitLine: {show: true, lineStyle: {color: line}}, axisLabel: {color: text}}),
                dataZoom: [{type: "inside", zoomOnMouseWheel: "ctrl", moveOnMouseMove: true, ...zoom},
                    {type: "slider", bottom: 8, height: 22, showDetail: false, brushSelect: false, borderColor: line, backgroundColor: track, fillerColor: "rgba(61,155,209,.25)", showDataShadow: false, ...zoom}],
                series: [series()],
            };
        },
        table: {
            columns: [{title: "Operator"}, {title: "Unit"}, {title: "Phase"}, {title: "Begin", numeric: true}, {title: "Length", numeric: true}, {title: "Spans", numeric: true}, {title: "Work under way", numeric: true}],
            rows: () => view.visible().map((slice) => [nameOf(slice), units[slice.unit], slice.phase, time(slice.begin), time(slice.end - slice.begin),
                slice.spans.toLocaleString("en"), percent(executing(slice) / (slice.end - slice.begin))]),
        },
    });
    return {id: "timeline", title: "Timeline", lead: "The run is summarised; its last complete step is kept in finer slices, and the beginning of that step command by command.", content: [made]};
}
