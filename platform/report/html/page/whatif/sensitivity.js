// SPDX-License-Identifier: Apache-2.0
// Every parameter of a chip halved and doubled: which one helps.
import {element, table} from "../dom.js";
import {count, quantity, time} from "../format.js";
import {tile, tiles, verdict} from "../tiles.js";
import {costs} from "./costs.js";
import {times} from "./speed.js";
import {tornado} from "./tornado.js";

/** What was left out: where half and twice have the same reason, one row says so. */
function leftOut(parameters) {
    const rows = parameters.flatMap(({name, half, twice}) => {
        if (half.skipped && half.skipped === twice.skipped) return [[name, "half and twice", half.skipped]];
        return [["half", half], ["twice", twice]].filter(([, side]) => side.skipped).map(([which, side]) => [name, which, side.skipped]);
    });
    if (rows.length === 0) return null;
    return {
        id: "left-out", title: "What was left out",
        lead: "Values outside of a key's range, combinations that break a rule of the chip, values that rounding leaves as they were, chips on which the firmware fails.",
        content: [element("div", {class: "card"}, table([{title: "Parameter"}, {title: "Side"}, {title: "Why"}], rows, "What was left out"))],
    };
}

function varied(parameters) {
    const side = (which) => (which.skipped ? "left out" : element("span", {}, which.changes.map((change, i) => [i ? element("br") : null, element("code", {}, change)])));
    return {
        id: "varied", title: "What was varied",
        lead: "Some parameters are several keys that change together, so that a larger unit is fed as before.",
        content: [element("div", {class: "card"}, table([{title: "Parameter"}, {title: "Half"}, {title: "Twice"}],
            parameters.filter(({half, twice}) => !half.skipped || !twice.skipped).map(({name, half, twice}) => [name, side(half), side(twice)]), "What was varied"))],
    };
}

/** "twice the DRAM bandwidth", "half all clocks". */
const titleOf = (which, name) => `${which} ${name.startsWith("all ") ? "" : "the "}${name}`;

const sidesOf = (parameters) => parameters.flatMap(({name, half, twice}) => [{title: titleOf("half", name), ...half}, {title: titleOf("twice", name), ...twice}]);

/** What should help and does not, with what grew. */
function slower(parameters) {
    const rows = sidesOf(parameters).filter(({why}) => why).map(({title, speedup, why}) => [title, times(speedup), why]);
    if (rows.length === 0) return null;
    return {
        id: "slower", title: "What should help and does not", lead: "What grew in a step, on its critical path and of what is counted.",
        content: [element("div", {class: "card"}, table([{title: "Change"}, {title: "Speed", numeric: true}, {title: "What grew"}], rows, "What should help and does not"))],
    };
}

/** What parameters of the work change beside the speed. */
function beside(parameters, base) {
    const rows = sidesOf(parameters).filter(({work}) => work).map(({title, speedup, step_ps, work}) =>
        [title, times(speedup), time(step_ps), count(work.tokens_per_step), count(work.parameters), quantity(work.planned_bytes, "B")]);
    if (rows.length === 0) return null;
    return {
        id: "work", title: "Another model, another batch", lead: "Parameters of the work change more than its speed, which is tokens a second.",
        content: [element("div", {class: "card"}, table([{title: "Change"}, {title: "Speed", numeric: true}, {title: "A step", numeric: true}, {title: "Tokens a step", numeric: true}, {title: "Parameters", numeric: true}, {title: "Planned in DRAM", numeric: true}],
            [["as it is", times(1), time(base.step_ps), count(base.work.tokens_per_step), count(base.work.parameters), quantity(base.work.planned_bytes, "B")], ...rows], "Another model, another batch"))],
    };
}

export function sensitivity(outcome) {
    const {parameters} = outcome;
    const measured = parameters.flatMap(({half, twice}) => [half, twice]).filter((side) => !side.skipped);
    const shown = parameters.filter(({half, twice}) => !half.skipped || !twice.skipped);
    const best = shown.filter(({resource}) => resource).flatMap(({name, half, twice}) => [["half", half], ["twice", twice]].filter(([, side]) => !side.skipped)
        .map(([which, side]) => ({name, which, speedup: side.speedup}))).sort((a, b) => b.speedup - a.speedup)[0];
    return {
        subtitle: "Every important parameter of the chip halved and doubled, one at a time",
        sections: [
            {
                id: "headline", title: "At a glance",
                content: [
                    tiles(tile("Time a step", time(outcome.step_ps), "of the chip as it is"),
                        tile("Training speed", quantity(outcome.tokens_per_second, "tokens/s"), "of the chip as it is"),
                        best ? tile("Largest gain", times(best.speedup), titleOf(best.which, best.name)) : null,
                        tile("Tried", `${measured.length} chips`, `${shown.length} of ${parameters.length} parameters could be varied`)),
                    verdict(outcome.sentence, `The run's own account: ${outcome.bound}.`,
                        "One is an experiment, the other bookkeeping: where they disagree, trust the experiment, and look at the trace."),
                ],
            },
            shown.length ? {id: "effects", title: "What each parameter does", content: [tornado(shown)]} : null,
            costs(outcome.cost, sidesOf(parameters).filter(({skipped}) => !skipped)),
            slower(parameters),
            beside(parameters, outcome),
            leftOut(parameters),
            varied(parameters),
        ],
    };
}
