// SPDX-License-Identifier: Apache-2.0
// build.mjs OUTPUT TOP ENTRY: bundles the page that begins with the module ENTRY into one file without a reference to any
// other. The results go where DATA stands. What the models were held against comes from doc/validation.md, which a check
// keeps up to date. TOP is the top of the repository.
import {createHash} from "node:crypto";
import {readFileSync, writeFileSync} from "node:fs";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";
import {build} from "esbuild";
import {omissionFrom, referencesFrom} from "./confidence.mjs";

const [output, top, entry] = process.argv.slice(2);
const sources = join(top, "platform/report/html");
const modules = join(dirname(fileURLToPath(import.meta.url)), "node_modules");

async function bundle(entry, options) {
    const result = await build({
        entryPoints: [join(sources, "page", entry)],
        bundle: true,
        minify: true,
        write: false,
        charset: "utf8",
        legalComments: "none",
        logLevel: "warning",
        nodePaths: [modules],
        target: "es2021",
        ...options,
    });
    return result.outputFiles[0].text.trim();
}

// The timing cores, by block.
const cores = {
    "hart": "ip/cpu/hart_core.h",
    "matrix unit": "ip/engine/matrix_core.h",
    "vector unit": "ip/engine/vector_core.h",
    "DMA": "ip/dma/dma_channel.h",
    "fabric": "ip/interconnect/data_fabric.h",
    "control bus": "ip/interconnect/control_bus.h",
    "scratchpad": "ip/memory/scratchpad_core.h",
    "SRAM": "ip/memory/sram_port_core.h",
    "DRAM": "ip/memory/dram_channel_core.h",
    "queue": "ip/common/command_queue.h",
};
const confidence = {
    references: referencesFrom(readFileSync(join(top, "doc/validation.md"), "utf8")),
    omissions: Object.entries(cores).map(([block, path]) => ({block, text: omissionFrom(readFileSync(join(top, path), "utf8"), path)})),
};
const style = await bundle("style.css", {});
// In an inline script only "</script" would end it and "<!--" could hide its end.
const script = (await bundle(entry, {format: "iife", define: {CONFIDENCE: JSON.stringify(confidence)}}))
    .replaceAll("</script", "<\\/script")
    .replaceAll("<!--", "<\\!--");
const hash = createHash("sha256").update(script).digest("base64");
// Nothing is loaded from anywhere: this very script runs, and images are those that the page draws itself.
const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
].join("; ");

const page = readFileSync(join(sources, "page", "page.html"), "utf8")
    .replace("POLICY", () => policy)
    .replace("STYLE", () => style)
    .replace("SCRIPT", () => script);
writeFileSync(output, page);
