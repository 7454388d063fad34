// SPDX-License-Identifier: Apache-2.0
// How pages write figures: in the digits of the program's own texts. tests/support/written_figures.csv derives each text.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {join} from "node:path";
import {test} from "node:test";

const top = process.env.GRADUS_TOP;
const source = readFileSync(join(top, "platform/report/html/page/format.js"), "utf8");
const {time, count, percent, quantity, capacity, plain, unpadded} = await import(`data:text/javascript,${encodeURIComponent(source)}`);

const writers = {
    time, count, percent, capacity, bytes: (value) => quantity(value, "B"), rate: (value) => quantity(value, "tokens/s"),
    energy: (value) => quantity(value, "J"), power: (value) => quantity(value, "W"),
};

test("pages write figures in the digits of the program", () => {
    const lines = readFileSync(join(top, "tests/support/written_figures.csv"), "utf8").trim().split("\n").filter((line) => !line.startsWith("#"));
    assert.ok(lines.length > 20);
    for (const line of lines) {
        const [kind, value, text] = line.split(",");
        assert.equal(writers[kind](Number(value)).replaceAll("\u00a0", " "), text, line);
    }
});

test("what is no measure has no part below one: an intensity of 0.1172 is that, and no 117.2 m", () => {
    assert.equal(plain(0.1172), "0.1172");
    assert.equal(plain(0.00001), "0.00001");
    assert.equal(plain(920.94), "920.9");
});

test("a tick has no zeros at its end", () => {
    assert.deepEqual(["2.600 ms", "100.0 M", "2.000 ms", "100 k", "1.6 GB/s"].map(unpadded), ["2.6 ms", "100 M", "2 ms", "100 k", "1.6 GB/s"]);
});
