// SPDX-License-Identifier: Apache-2.0
// How sure the program is, as data: what doc/validation.md says about each reference, and what the headers of the timing
// cores say is not modelled.

/** The text after "Label: " at the beginning of a line of a section. */
function sentence(section, label) {
    const line = section.split("\n").find((each) => each.startsWith(`${label}: `));
    return line ? line.slice(label.length + 2) : "";
}

const size = (error) => Math.abs(parseFloat(error.replace(/[^\d.-]/g, "")) || 0);

/** What a section's rows are about, by the first word of each: how many they are, and the worst error. */
function subjectsOf(section) {
    const subjects = {};
    for (const line of section.split("\n").filter((each) => each.startsWith("| ")).slice(1)) {
        const [quantity, , , error] = line.split("|").slice(1).map((cell) => cell.trim());
        const subject = quantity.split(" ")[0].toLowerCase();
        const {rows, worst} = subjects[subject] ?? {rows: 0, worst: "0"};
        subjects[subject] = {rows: rows + 1, worst: size(error) > size(worst) ? error : worst};
    }
    return subjects;
}

/** One entry a reference: name, number of checks, mean and worst error as they are printed, what is compared,
 * and the worst error by subject. */
export function referencesFrom(markdown) {
    const [head, ...sections] = markdown.split("\n## ");
    const rows = head.split("\n").filter((line) => line.startsWith("|")).slice(2);
    if (rows.length === 0) throw new Error("doc/validation.md has no table of references");
    return rows.map((line) => {
        const [name, checks, mean, worst] = line.split("|").slice(1, 5).map((cell) => cell.trim());
        const section = sections.find((each) => each.startsWith(`${name}\n`));
        if (!section || !/^\d+$/.test(checks)) throw new Error(`doc/validation.md: what is '${name}'?`);
        return {name, checks: Number(checks), mean, worst, compared: sentence(section, "Compared"), subjects: subjectsOf(section)};
    });
}

/** What stands behind "Not modelled" in a header, to the end of that paragraph. */
export function omissionFrom(header, path) {
    const comments = header.split("\n").map((line) => (line.startsWith("//") ? line.slice(2).trim() : "")).join("\n");
    const text = comments.split(/not modelled:?/i)[1];
    if (!text) throw new Error(`${path} does not say what is not modelled`);
    const paragraph = text.trimStart().split("\n\n", 1)[0].replace(/\s+/g, " ").trim();
    return paragraph.charAt(0).toUpperCase() + paragraph.slice(1);
}
