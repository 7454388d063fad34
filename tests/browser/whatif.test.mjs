// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import {readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {expectLegible} from "./labels.mjs";
import {drawn, folder, gradus, launch, open} from "./support.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const hostile = "a <b> & 'c' <img src=x onerror=alert(1)>";

/** Asks about a scenario with a name that would show if it were read as HTML; answers the folder. */
function ask(name, ...more) {
    const scenario = join(folder, `${hostile}.toml`);
    const {GRADUS_TOP: top} = process.env;
    writeFileSync(scenario, `[chip]\nbase = '${top}/scenarios/chips/tiny.toml'\n[model]\nbase = '${top}/scenarios/models/microgpt.toml'\nlayers = 1\n`);
    const out = join(folder, name);
    gradus("whatif", scenario, "--out", out, ...more);
    return out;
}

/** The page draws `names`, each with a label and a table, complains of nothing and stays off the network. */
async function expectCharts(out, names, options = {}) {
    const file = join(out, "report.html");
    const {page, complaints, requests} = await open(browser, file, options);
    const charts = await drawn(page);
    assert.deepEqual(Object.keys(charts).sort(), names);
    for (const [name, {series, colours}] of Object.entries(charts)) assert.ok(series > 0 && colours > 10, `${name}: ${series} series, ${colours} colours`);
    assert.ok((await page.textContent("h1")).startsWith(hostile.slice(0, 20)));
    assert.equal(await page.$$eval("img", (images) => images.length), 0);
    assert.ok(await page.$$eval(".chart", (all) => all.every((each) => each.tabIndex === 0 && each.getAttribute("aria-label").length > 20)));
    for (const box of await page.$$(".chart")) { await box.scrollIntoViewIfNeeded(); await box.hover({position: {x: 200, y: 90}}); }
    for (const summary of await page.$$("summary")) await summary.press("Enter");
    await page.waitForFunction(() => [...document.querySelectorAll("figure details")].every((each) => each.querySelector("tbody tr"))); // filled when opened
    assert.deepEqual(complaints, []);
    assert.equal(requests.length, 1);
    return page;
}

const json = (out) => JSON.parse(readFileSync(join(out, "whatif.json"), "utf8"));
const rows = (page, within) => page.$$eval(`${within} tbody tr`, (all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));

test("every parameter halved and doubled is a tornado chart, in both themes and on paper", async () => {
    const out = ask("tornado");
    const {parameters, sentence} = json(out);
    for (const colorScheme of ["light", "dark"]) {
        const page = await expectCharts(out, ["tornado"], {colorScheme});
        assert.equal(await page.getAttribute("html", "data-theme"), colorScheme);
        assert.ok((await page.textContent(".verdict")).includes(sentence));
        const shown = parameters.filter(({half, twice}) => !half.skipped || !twice.skipped);
        const table = await rows(page, "figure");
        assert.deepEqual(table.map(([name]) => name.replace(" (a yardstick)", "")), shown.map(({name}) => name));
        const first = shown[0];
        assert.deepEqual([table[0][1], table[0][4]], [first.half, first.twice].map((side) => `${side.speedup.toFixed(2)}×`));
        const measured = parameters.flatMap(({half, twice}) => [half, twice]).filter(({skipped}) => !skipped);
        const costs = await rows(page, "[aria-labelledby=costs]");
        assert.equal(costs.length, measured.length, "every chip that was measured has its costs");
        const clock = costs.find(([title]) => title === "twice the control clock");
        assert.equal(clock[2], "0", "a clock below what the process reaches takes no area");
        assert.match(clock[4], /^−\d/, "and less energy a token, as leakage has less time");
        const leftOut = (await rows(page, "[aria-labelledby=left-out]")).map(([name]) => name);
        for (const {name, half, twice} of parameters) assert.equal(leftOut.includes(name), Boolean(half.skipped || twice.skipped), name);
        if (colorScheme === "light") await expectLegible(page);
        const pdf = await page.pdf({format: "A4", printBackground: true});
        assert.ok(pdf.length > 20_000, `${pdf.length} bytes`);
        await page.close();
    }
});

test("pointing at the tornado says what the parameter does", async () => {
    const page = await expectCharts(join(folder, "tornado"), ["tornado"]);
    await page.hover("#chart-tornado", {position: {x: 500, y: 90}});
    await page.waitForFunction(() => /a step.*bound by.*elasticity/.test(document.querySelector("#chart-tornado .tooltip")?.textContent));
    await page.close();
});

test("the values of one key are bars, and a chip that cannot run says why", async () => {
    const out = ask("bars", "--vary", "chip.sram.bytes=65536,262144,524288");
    const page = await expectCharts(out, ["values"]);
    await expectLegible(page);
    const table = await rows(page, "figure");
    assert.equal(table.length, 3);
    assert.equal(table[0][1], "–");
    assert.ok((await page.textContent("[aria-labelledby=left-out]")).includes(json(out).variations[1].failure));
    await page.close();
});

test("the values of two keys are a map", async () => {
    const out = ask("map", "--vary", "chip.clock_mhz=50,100", "--vary", "chip.dma.channels=1,2,3");
    const page = await expectCharts(out, ["values"]);
    await expectLegible(page);
    const table = await rows(page, "figure");
    const speeds = json(out).variations.slice(1).map(({speedup}) => `${speedup.toFixed(2)}×`);
    assert.deepEqual(table.map((row) => row[2]), speeds);
    assert.deepEqual(table.map(([clock, channels]) => [clock, channels]), [["50", "1"], ["50", "2"], ["50", "3"], ["100", "1"], ["100", "2"], ["100", "3"]]);
    await page.close();
});

test("the values of three keys are parallel coordinates, the fastest first in the table", async () => {
    const out = ask("parallel", "--vary", "chip.clock_mhz=100,50", "--vary", "chip.dma.channels=1,2", "--vary", "chip.engine.vector.lanes=2,4");
    const page = await expectCharts(out, ["parallel"]);
    await expectLegible(page);
    const table = await rows(page, "#listing");
    const {variations} = json(out);
    assert.equal(table.length, variations.length - 1);
    assert.equal(table[0][1], "fastest");
    assert.equal(table[0][5], `${Math.max(...variations.slice(1).map(({speedup}) => speedup)).toFixed(2)}×`);
    await page.close();
});
