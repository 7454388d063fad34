// SPDX-License-Identifier: Apache-2.0
// pictures.mjs FOLDER [PAGE.html ...]: pictures at every width, in both themes and on paper, to be looked at. Without pages, of
// one of each kind, made from the shipped scenarios.
import {mkdirSync} from "node:fs";
import {basename, dirname, join} from "node:path";
import {widths} from "./labels.mjs";
import {folder, gradus, launch, open, run, settled} from "./support.mjs";

function pages() {
    const names = run("report", "--steps", "20");
    const wider = run("wider", "--steps", "3", "--set", "chip.engine.matrix.rows=8");
    const page = (command, name, ...words) => {
        gradus(command, ...words, "--out", join(folder, name));
        return join(folder, name, command === "sweep" ? "sweep.html" : "report.html");
    };
    const varied = ["chip.clock_mhz=50,100,200", "chip.dma.channels=1,2", "chip.engine.vector.lanes=2,4"].map((values) => ["--vary", values]);
    const asked = (name, count) => page("whatif", name, "scenarios/runs/names.toml", ...varied.slice(0, count).flat());
    return [join(names, "report.html"), page("compare", "compare", names, wider), page("sweep", "sweep", "scenarios/sweeps/tiny.toml", "--quiet"),
        asked("whatif", 0), asked("whatif-bars", 1), asked("whatif-map", 2), asked("whatif-parallel", 3)];
}

/** "names" for names/report.html, whose folder names it. */
const nameOf = (file) => (/^(report|sweep)\.html$/.test(basename(file)) ? basename(dirname(file)) : basename(file, ".html"));

const [target, ...given] = process.argv.slice(2);
mkdirSync(target, {recursive: true});
const browser = await launch();
for (const file of given.length ? given : pages()) {
    const {page} = await open(browser, file, {viewport: {width: widths[0], height: 900}});
    const picture = async (what) => {
        await settled(page);
        await page.screenshot({path: join(target, `${nameOf(file)}-${what}.png`), fullPage: true});
    };
    for (const width of widths) {
        await page.setViewportSize({width, height: 900});
        for (const colorScheme of ["light", "dark"]) {
            await page.emulateMedia({colorScheme});
            await picture(`${width}-${colorScheme}`);
        }
    }
    await page.pdf({path: join(target, `${nameOf(file)}.pdf`), format: "A4", printBackground: true}); // from the dark page
    await page.setViewportSize({width: 720, height: 900});
    await page.emulateMedia({media: "print"});
    await picture("paper");
    await page.close();
}
await browser.close();
