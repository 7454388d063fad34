// SPDX-License-Identifier: Apache-2.0
// screenshot.mjs FILE.png: the top of a real report, for README.md.
import {launch, open, run} from "./support.mjs";
import {join} from "node:path";

const browser = await launch();
const report = join(run("names", "--steps", "200"), "report.html");
const {page} = await open(browser, report, {viewport: {width: 1180, height: 1500}});
await page.click("#view-step");
await page.evaluate(() => window.scrollTo(0, 0));
await page.screenshot({path: process.argv[2]});
await browser.close();
