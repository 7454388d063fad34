// SPDX-License-Identifier: Apache-2.0
// Runs the program, opens its reports in Chromium, and notes whatever a browser could complain about.
import {execFileSync} from "node:child_process";
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {createRequire} from "node:module";
import {tmpdir} from "node:os";
import {join} from "node:path";

const {chromium} = createRequire(join(process.env.NODE_PACKAGES, "package.json"))("playwright-core");

export const folder = mkdtempSync(join(tmpdir(), "gradus-browser-"));
process.on("exit", () => rmSync(folder, {recursive: true, force: true}));

export function gradus(...words) {
    return execFileSync(process.env.GRADUS_PROGRAM, words, {cwd: process.env.GRADUS_TOP, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"]});
}

/** Runs the names scenario; answers the folder it wrote. */
export function run(name, ...more) {
    const out = join(folder, name);
    gradus("run", "scenarios/runs/names.toml", "--quiet", "--trace", "off", "--out", out, ...more);
    return out;
}

export const resultIn = (out) => JSON.parse(readFileSync(join(out, "result.json"), "utf8"));

/** Writes results into files and reports about them; answers the page's path. */
export function reportOn(name, ...results) {
    const files = results.map((result, i) => {
        const file = join(folder, `${name}-${i}.json`);
        writeFileSync(file, JSON.stringify(result));
        return file;
    });
    const page = join(folder, `${name}.html`);
    gradus("report", ...files, "--out", page);
    return page;
}

export const launch = () => chromium.launch({executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu"]});

/** Opens the page and waits until everything is drawn: {page, complaints, requests, milliseconds}. */
export async function open(browser, file, options = {}) {
    const page = await browser.newPage({viewport: {width: 1280, height: 900}, ...options});
    page.setDefaultTimeout(120_000); // a busy machine is no error
    const complaints = [];
    const requests = [];
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.stack));
    page.on("dialog", (dialog) => { complaints.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
    page.on("request", (request) => requests.push(request.url()));
    const begin = Date.now();
    await page.goto(`file://${file}`);
    await page.waitForFunction(() => document.documentElement.dataset.ready === "yes");
    return {page, complaints, requests, milliseconds: Date.now() - begin};
}

/** By chart: how many series it has, and how many different colours its canvas shows. */
export function drawn(page) {
    return page.evaluate(() => Object.fromEntries(Object.entries(window.gradus.charts()).map(([name, chart]) => {
        const canvas = chart.getDom().querySelector("canvas");
        const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        const colours = new Set(new Uint32Array(pixels.buffer));
        return [name, {series: chart.getOption().series.length, colours: colours.size}];
    })));
}

/** Waits until every chart has the width of its box: charts follow their boxes a moment later. */
export function settled(page) {
    return page.waitForFunction(() => Object.values(window.gradus.charts()).every((chart) => chart.getWidth() === chart.getDom().clientWidth));
}
