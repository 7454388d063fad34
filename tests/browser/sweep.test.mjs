// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import {writeFileSync} from "node:fs";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {expectLegible} from "./labels.mjs";
import {drawn, folder, gradus, launch, open} from "./support.mjs";

let browser;
let file;
before(async () => {
    const sweep = join(folder, "a <b> & 'c'.toml"); // a name that would show if it were read as HTML
    writeFileSync(sweep, `scenario = '${join(process.env.GRADUS_TOP, "scenarios/runs/names.toml")}'
        set.run = {steps = 1, data = "none", generate = 0, record_commands = false}
        vary.chip.engine.matrix.rows = [2, 4, 8]
        vary.chip.scratchpad.bytes = [32768, 65536, 60000]
        objectives.totals.time_ps = "minimise"
        objectives.units.matrix.peak_per_cycle = "minimise"
        constraints.units.matrix.peak_per_cycle = "<= 16"`);
    gradus("sweep", sweep, "--out", join(folder, "sweep"), "--quiet");
    file = join(folder, "sweep", "sweep.html");
    browser = await launch();
});
after(() => browser.close());

const shown = async (page) => Number((await page.textContent("#listing .note")).match(/^\d+/)[0]);

async function drag(page, chart, from, to) {
    const place = page.locator(`#chart-${chart}`);
    await place.scrollIntoViewIfNeeded();
    const {x, y} = await place.boundingBox();
    await page.mouse.move(x + from[0], y + from[1]);
    await page.mouse.down();
    await page.mouse.move(x + to[0], y + to[1], {steps: 5});
    await page.mouse.up();
    await page.waitForTimeout(300); // selections are gathered for a moment
}

test("a sweep leaves a page that draws its points, without a complaint and without the network", async () => {
    const {page, complaints, requests} = await open(browser, file);
    const charts = await drawn(page);
    assert.deepEqual(Object.keys(charts).sort(), ["parallel", "tradeoff"]);
    for (const [name, {series, colours}] of Object.entries(charts)) assert.ok(series > 0 && colours > 10, `${name}: ${series} series, ${colours} colours`);
    assert.equal(await page.textContent("h1"), "a <b> & 'c'");
    assert.equal(await shown(page), 9);
    assert.match(await page.textContent("#listing"), /is not <= 16/);
    await expectLegible(page);
    assert.match(await page.textContent("#listing"), /chip\.scratchpad\.bytes/, "why a scratchpad of 60000 bytes is none");
    // Arrays of 8 and 16 keep the constraint, those of 32 do not; a scratchpad of 60000 bytes has no figures.
    const asked = await page.textContent('section[aria-labelledby="question"]');
    for (const expected of [/units\.matrix\.peak_per_cycle <= 16/, /4 of 6/, /run\.steps/]) assert.match(asked, expected);
    assert.match(asked, /Point 5 is the scenario as it was/, "4 rows and 65536 bytes");
    assert.match(await page.textContent("#listing"), /, the scenario as it was/);
    assert.deepEqual(complaints, []);
    assert.equal(requests.length, 1);
    await page.close();
});

test("of a sweep without a feasible point the page shows the nearest misses, the nearest first", async () => {
    const sweep = join(folder, "misses.toml");
    writeFileSync(sweep, `scenario = '${join(process.env.GRADUS_TOP, "scenarios/runs/names.toml")}'
        set.run = {steps = 1, data = "none", generate = 0}
        vary.chip.engine.matrix.rows = [8, 4]
        link.chip.engine.matrix.cols = "chip.engine.matrix.rows"
        objectives.totals.time_ps = "minimise"
        constraints.units.matrix.peak_per_cycle = "<= 8"`);
    gradus("sweep", sweep, "--out", join(folder, "misses"), "--quiet");
    const {page, complaints} = await open(browser, join(folder, "misses", "sweep.html"));
    const asked = await page.textContent('section[aria-labelledby="question"]');
    assert.match(asked, /No point keeps every constraint.*the best has 16: 100 % over/s);
    assert.match(asked, /chip\.engine\.matrix\.colschip\.engine\.matrix\.rows/, "a key and the one whose value it has");
    assert.match(await page.textContent("#listing tbody tr"), /^2/, "an array of 16 before one of 64");
    assert.deepEqual(complaints, []);
    await page.close();
});

test("a rectangle over the trade-offs selects, and a click beside it ends that", async () => {
    const {page, complaints} = await open(browser, file);
    const box = await page.locator("#chart-tradeoff").boundingBox();
    await drag(page, "tradeoff", [86, 46], [box.width / 2, box.height - 58]);
    assert.equal(await shown(page), 4, "arrays of 8 and 16, not of 32");
    await page.locator("#chart-tradeoff").click({position: {x: box.width - 60, y: 60}});
    await page.waitForTimeout(300);
    assert.equal(await shown(page), 9);
    await drag(page, "tradeoff", [86, 46], [box.width / 2, box.height - 58]);
    await page.selectOption("#axis-x", {index: 0});
    assert.equal(await shown(page), 9, "other axes, no selection");
    assert.deepEqual(complaints, []);
    await page.close();
});

test("a range on a parallel axis selects", async () => {
    const {page, complaints} = await open(browser, file);
    const {height} = await page.locator("#chart-parallel").boundingBox();
    await drag(page, "parallel", [60, height - 30], [60, height - 30 - (height - 92) / 4]);
    assert.equal(await shown(page), 2, "of the lowest of three levels, those that have figures");
    assert.deepEqual(complaints, []);
    await page.close();
});
