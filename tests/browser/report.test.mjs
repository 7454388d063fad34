// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import {readFileSync, statSync, writeFileSync} from "node:fs";
import {createServer} from "node:http";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {expectLegible, faultsOf} from "./labels.mjs";
import {drawn, folder, gradus, launch, open, reportOn, resultIn, run, settled} from "./support.mjs";

let browser;
let out;
before(async () => {
    out = run("names", "--steps", "4", "--set", "run.generate=2");
    browser = await launch();
});
after(() => browser.close());

const own = () => join(out, "report.html");

test("a run leaves a report that draws every chart, without a complaint and without the network", async (t) => {
    const {page, complaints, requests, milliseconds} = await open(browser, own());
    const charts = await drawn(page);
    assert.deepEqual(Object.keys(charts).sort(), [...await page.$$eval(".chart", (boxes) => boxes.map((box) => box.id.replace("chart-", "")))].sort());
    assert.ok(Object.keys(charts).length >= 12, `charts: ${Object.keys(charts)}`);
    for (const [name, {series, colours}] of Object.entries(charts)) assert.ok(series > 0 && colours > 10, `${name}: ${series} series, ${colours} colours`);
    assert.deepEqual(complaints, []);
    assert.deepEqual(requests, [`file://${own()}`]);
    t.diagnostic(`all charts drawn after ${milliseconds} ms, ${statSync(own()).size} bytes`);
    await page.close();
});

/** The outlines of what a chart over time shows of `name`, a list of points each. */
const outlines = (page, chart, name) => page.evaluate(([id, called]) => {
    const elements = window.gradus.charts()[id].getZr().storage.getDisplayList(true).filter((each) => each.name === called);
    return elements.flatMap((element) => {
        const shapes = [];
        element.buildPath({moveTo: (x, y) => shapes.push([[x, y]]), lineTo: (x, y) => shapes.at(-1).push([x, y]), closePath: () => {}}, element.shape);
        return shapes;
    });
}, [chart, name]);

test("windows are steps, one kind of time on the other, and a share too small to see leaves nothing", async () => {
    const result = resultIn(out);
    const {window_ps: window, units} = result.over_time;
    const full = Math.floor(result.totals.time_ps / window) * window; // the last window may be shorter; it is left empty
    const share = (part) => units[0].busy_ps.map((_, i) => (i * window < full ? part * (1 + i % 2) * window : 0));
    result.over_time.units = [{name: units[0].name, busy_ps: share(0.25), stalls: {memory: share(0.125), fetch: share(0.00003)}}];
    const {page} = await open(browser, reportOn("steps", result));
    // A lane is 46 pixels high. Busy takes a quarter and a half of it by turns, up from its floor; memory an eighth and a
    // quarter more. 0.006 % of it are 0.003 pixels.
    const [busy] = await outlines(page, "units-over-time", "busy");
    const floor = Math.max(...busy.map(([, y]) => y));
    const heights = (shape) => [...new Set(shape.map(([, y]) => floor - y))].sort((a, b) => a - b);
    assert.deepEqual(heights(busy), [0, 11.5, 23]);
    for (const [i, [x, y]] of busy.entries()) assert.ok(x === busy.at(i - 1)[0] || y === busy.at(i - 1)[1], `a slope to ${x}, ${y}`);
    assert.deepEqual(await outlines(page, "units-over-time", "waits for a descriptor"), []);
    const memory = async () => heights((await outlines(page, "units-over-time", "waits for memory"))[0]);
    assert.deepEqual(await memory(), [11.5, 17, 23, 34.5]); // 17.25 lies between two half pixels, and 5.75 too
    await page.evaluate(() => window.gradus.charts()["units-over-time"].dispatchAction({type: "legendToggleSelect", name: "busy"}));
    assert.deepEqual(await memory(), [0, 5.5, 11.5], "what is left stands on the floor");
    await page.close();
});

test("its policy forbids the network even to what would get in", async () => {
    let arrived = 0;
    const server = createServer((_, response) => { ++arrived; response.end(); });
    await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
    const {page} = await open(browser, own());
    const tried = await page.evaluate(async (address) => {
        const image = new Promise((done) => { const it = new Image(); it.onload = () => done("loaded"); it.onerror = () => done("refused"); it.src = address; });
        const fetched = fetch(address).then(() => "loaded", () => "refused");
        const script = document.createElement("script");
        script.textContent = "window.intruder = true";
        document.body.append(script);
        return [await image, await fetched, window.intruder ?? "refused"];
    }, `http://127.0.0.1:${server.address().port}/x.png`);
    server.close();
    assert.deepEqual(tried, ["refused", "refused", "refused"]);
    assert.equal(arrived, 0);
    await page.close();
});

test("names from outside stay text", async () => {
    const hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)>";
    const result = resultIn(out);
    result.scenario.name = result.scenario.model.name = result.chip.name = result.bound = hostile;
    for (const list of ["units", "ops", "phases", "kinds", "memories"]) for (const entry of result[list]) entry.name = hostile + entry.name;
    result.ops[0].phase = result.ops[0].kind = result.ops[0].shape = hostile;
    result.texts = [hostile];
    for (const flow of result.traffic) flow.unit = flow.memory = flow.what = hostile;
    result.origins["chip.dma.channels"] = {from: "file", place: hostile, base: hostile, base_place: hostile};
    const {page, complaints} = await open(browser, reportOn("hostile", result));
    assert.equal(await page.textContent("h1"), hostile);
    assert.equal(await page.$$eval("img", (images) => images.length), 0);
    for (const summary of await page.$$("summary")) await summary.click();
    for (const box of await page.$$(".chart")) { await box.scrollIntoViewIfNeeded(); await box.hover({position: {x: 200, y: 60}}); }
    assert.equal(await page.$$eval("img", (images) => images.length), 0);
    assert.deepEqual(complaints, []);
    await page.close();
});

test("how sure it is, is said of this chip and not of all", async () => {
    const {page} = await open(browser, own());
    const said = await page.textContent("section[aria-labelledby=headline] .verdict");
    assert.match(said, /references touch its matrix unit \(worst error 0\); the whole was never measured/, "DDR3-800 was held against nothing");
    const rows = await page.$$eval("section[aria-labelledby=confidence] table", ([first]) => [...first.querySelectorAll("tbody tr")].map((row) => row.textContent));
    assert.equal(rows.length, 4);
    assert.match(rows[1], /none for ddr3-800/);
    await page.close();
});

test("it follows the system's theme, and its button changes it", async () => {
    for (const colorScheme of ["light", "dark"]) {
        const {page} = await open(browser, own(), {colorScheme});
        const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        assert.equal(await page.getAttribute("html", "data-theme"), colorScheme);
        const before = await background();
        await page.click("#theme");
        assert.notEqual(await page.getAttribute("html", "data-theme"), colorScheme);
        assert.notEqual(await background(), before);
        await page.close();
    }
});

/** A step and the first, speed, the run, energy a token: the figures of a summary that the page has too. */
const figuresOf = (summary) => summary.split("\n").filter((line) => /^ (a step|tokens|run time|energy) /.test(line))
    .flatMap((line) => line.replace(/ training .*| a token,.*/, "").match(/\d+\.\d+ (ms|µs|k tokens\/s|µJ)/g) ?? []);

test("everything can be reached by keyboard, and every chart has a label and a table, in the digits of the summary", async () => {
    const {page} = await open(browser, own());
    const reached = new Set();
    for (let presses = 0; presses < 120; ++presses) {
        await page.keyboard.press("Tab");
        reached.add(await page.evaluate(() => document.activeElement.id || document.activeElement.tagName));
    }
    for (const id of await page.$$eval(".chart, button[id]", (all) => all.map((each) => each.id))) assert.ok(reached.has(id), `${id} is not reached: ${[...reached]}`);
    assert.ok(await page.$$eval(".chart", (all) => all.every((each) => each.getAttribute("aria-label").length > 20)));
    for (const figure of await page.$$("figure")) {
        await (await figure.$("summary")).press("Enter");
        await figure.waitForSelector("tbody tr");
    }
    const text = (await page.textContent("main")).replaceAll("\u00a0", " ");
    const figures = figuresOf(readFileSync(join(out, "summary.txt"), "utf8"));
    assert.equal(figures.length, 5, `${figures}`);
    for (const each of figures) assert.ok(text.includes(each), `${each} of the summary`);
    await page.close();
});

test("pointing at a chart says what is there", async () => {
    const {page} = await open(browser, own());
    const box = page.locator("#chart-units");
    await box.scrollIntoViewIfNeeded();
    await box.hover({position: {x: 300, y: 60}});
    await page.waitForFunction(() => document.querySelector("#chart-units .tooltip")?.textContent.includes("%"));
    await page.close();
});

test("the timeline goes from the run down to a command", async () => {
    const {page, complaints} = await open(browser, own());
    const view = () => page.evaluate(() => {
        const option = window.gradus.charts().timeline.getOption();
        return {from: option.dataZoom[0].startValue, to: option.dataZoom[0].endValue, slices: option.series[0].data.length};
    });
    const whole = await view();
    assert.equal(whole.from, 0);
    assert.equal(whole.to, resultIn(out).totals.time_ps);
    await page.click("#view-step");
    const step = await view();
    assert.ok(step.to - step.from < whole.to / 2, "a step is a part of the run");
    await page.click("#view-head");
    assert.match(await page.textContent("[role=status]"), /every span is single/);
    assert.deepEqual(await faultsOf(page), []);
    await page.focus("#chart-timeline");
    for (let presses = 0; presses < 7; ++presses) await page.keyboard.press("+");
    const close = await view();
    assert.ok(close.slices > 0 && close.slices < 60, `${close.slices} slices in sight`);
    await page.keyboard.press("ArrowRight");
    assert.ok((await view()).from > close.from);
    assert.deepEqual(await faultsOf(page), []);
    const box = await page.locator("#chart-timeline").boundingBox();
    const lanes = [0, 1, 2, 3, 4];
    const places = lanes.flatMap((lane) => [0.2, 0.5, 0.8].map((x) => ({x: x * box.width, y: 23 + 34 * lane})));
    for (const position of places) if (!await page.$("#chart-timeline .tooltip")) await page.hover("#chart-timeline", {position});
    assert.match(await page.textContent("#chart-timeline .tooltip"), /unit.*phase.*from.*length/);
    await page.focus("#chart-timeline");
    await page.keyboard.press("Home");
    assert.equal((await view()).to, whole.to);
    assert.deepEqual(complaints, []);
    await page.close();
});

test("several results stand side by side, and their differences stand out", async () => {
    const other = run("wider", "--steps", "2", "--set", "run.generate=0", "--set", "chip.engine.matrix.rows=8");
    const file = join(folder, "both.html");
    gradus("report", out, other, "--out", file);
    const {page, complaints} = await open(browser, file);
    assert.match(await page.textContent("h1"), /2 runs side by side/);
    const rows = await page.$$eval("section:first-child table", (tables) => tables.map((table) => [...table.rows].map((row) => row.textContent)).flat());
    assert.ok(rows.some((row) => /chip\.engine\.matrix\.rows.*4.*8/.test(row)), rows.join("\n"));
    assert.ok(rows.some((row) => /^Area.*▲.*worse/.test(row)), rows.join("\n")); // twice the rows
    const charts = await drawn(page);
    for (const name of ["compared-phases", "compared-units", "compared-loss"]) assert.ok(charts[name].series > 0 && charts[name].colours > 10, name);
    const before = await page.evaluate(() => window.gradus.charts().loss.getOption().series[0].data.length);
    await page.selectOption("#chosen", "1");
    await page.waitForFunction(() => document.documentElement.dataset.ready === "yes" && window.gradus.charts().loss?.getOption().series[0].data.length === 2);
    assert.equal(before, 4);
    await expectLegible(page); // with all charts of the report of a single run
    assert.deepEqual(complaints, []);
    await page.close();
});

test("the scenario shows first what it changes of its base, with the base's value", async () => {
    const changed = run("changed", "--steps", "1", "--set", "run.generate=0", "--set", "chip.dma.channels=3");
    const {page, complaints} = await open(browser, join(changed, "report.html"));
    const cards = await page.$$eval("[aria-labelledby=scenario] table", (tables) => tables.map((table) => [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent))));
    const [changes, bases] = cards;
    const channels = changes.find(([key]) => key === "chip.dma.channels");
    assert.deepEqual(channels.slice(0, 4), ["chip.dma.channels", "3", "2", "command line"]);
    assert.ok(changes.findIndex(([, , , from]) => from === "command line") === 0, "the command line first");
    const trace = changes.find(([key]) => key === "run.trace_window");
    assert.match(trace[2], /\(default\)/);
    assert.match(trace[3], /^names\.toml:\d+$/);
    assert.match(bases.find(([key]) => key === "chip.scratchpad.banks")[3], /chips\/tiny\.toml:\d+$/);
    assert.equal(changes.filter(([key]) => bases.some(([other]) => other === key)).length, 0);
    await page.click("[aria-labelledby=scenario] summary");
    await page.waitForSelector("[aria-labelledby=scenario] details tbody tr");
    assert.deepEqual(complaints, []);
    await page.close();
});

test("the traffic in sight adds up to what the memories counted", async () => {
    const {page} = await open(browser, own());
    const links = await page.evaluate(() => window.gradus.charts().traffic.getOption().series[0].links);
    for (const memory of resultIn(out).memories) {
        const name = {dram: "DRAM", sram: "SRAM"}[memory.name] ?? memory.name;
        const sum = (which) => links.filter((link) => link[which[0]] === `${name}, ${which[1]}`).reduce((total, link) => total + link.value, 0);
        assert.equal(sum(["source", "read"]), memory.bytes_read, memory.name);
        assert.equal(sum(["target", "written"]), memory.bytes_written, memory.name);
    }
    await page.close();
});

test("what a result does not hold is left out with a sentence", async () => {
    const result = resultIn(out);
    for (const part of ["timeline", "over_time", "energy", "area", "memory_plan"]) delete result[part];
    const {page, complaints} = await open(browser, reportOn("older", result));
    const text = await page.textContent("main");
    for (const sentence of [/No timeline: this result holds none/, /What units did over time is not in this result/, /The memory plan is not in this result/]) assert.match(text, sentence);
    assert.ok(Object.values(await drawn(page)).every(({series}) => series > 0));
    assert.deepEqual(complaints, []);
    await page.close();
});

test("it prints, on white paper", async () => {
    const {page, complaints} = await open(browser, own(), {colorScheme: "dark"});
    const widths = () => page.evaluate(() => Object.values(window.gradus.charts()).map((chart) => chart.getWidth()));
    const before = await widths();
    await page.evaluate(() => window.addEventListener("beforeprint", () => {
        window.printed = Object.values(window.gradus.charts()).map((chart) => chart.getWidth());
    }));
    const pdf = await page.pdf({format: "A4", printBackground: true});
    // 210 mm less two margins of 14 mm are 687.9 pixels; a figure has an edge of one and 10.8 within on both sides.
    assert.equal(Math.max(...await page.evaluate(() => window.printed)), 664);
    await settled(page);
    assert.deepEqual(await widths(), before);
    assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
    assert.ok(pdf.length > 50_000, `${pdf.length} bytes`);
    await page.emulateMedia({media: "print"});
    assert.equal(await page.getAttribute("html", "data-theme"), "light");
    assert.deepEqual(complaints, []);
    await page.close();
});

test("a very long run is summarised, and says how", async (t) => {
    const result = resultIn(out);
    const step = result.steps[0];
    result.steps = Array.from({length: 100_000}, (_, i) => ({...step, step: i, loss: 3 + Math.sin(i / 5000)}));
    result.totals.steps = result.steps.length;
    const ops = result.ops;
    result.ops = Array.from({length: 12_000}, (_, i) => ({...ops[i % ops.length], op: i, layer: i % 96, name: `layer${i % 96}.${i}`}));
    const file = reportOn("long", result);
    const {page, complaints, milliseconds} = await open(browser, file);
    assert.ok(statSync(file).size < 10e6, `${statSync(file).size} bytes`);
    assert.match(await page.textContent("main"), /12,000 operators are summed up by phase, layer and kind/);
    assert.match(await page.textContent("main"), /a window of steps/);
    assert.deepEqual(complaints, []);
    t.diagnostic(`all charts drawn after ${milliseconds} ms, ${statSync(file).size} bytes`);
    await page.close();
});

test("what is no result is refused with one line", () => {
    const broken = [
        ["not JSON", "{", /this is not JSON/],
        ["another document", "[1]", /"gradus\.result\/1" is expected/],
        ["a missing field", JSON.stringify({...resultIn(out), totals: {}}), /totals\.time_ps is missing/],
        ["a wrong type", JSON.stringify({...resultIn(out), units: [{name: 7}]}), /units\[0\]\.name: a text is expected, not a number/],
        ["too deep", `{"schema": "gradus.result/1", "x": ${"[".repeat(100_000)}${"]".repeat(100_000)}}`, /nested too deeply/],
    ];
    for (const [what, text, message] of broken) {
        assert.throws(() => reportOnText(text), (error) => {
            assert.equal(error.status, 2, what);
            assert.match(error.stderr, message);
            assert.equal(error.stderr.trim().split("\n").length, 1, error.stderr);
            return true;
        });
    }
    assert.throws(() => gradus("report", "/dev/zero"), /is larger than 1024 MiB/);
    assert.throws(() => gradus("report"), /which result/);
});

function reportOnText(text) {
    const file = join(folder, "broken.json");
    writeFileSync(file, text);
    return gradus("report", file);
}
