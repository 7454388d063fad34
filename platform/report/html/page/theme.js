// SPDX-License-Identifier: Apache-2.0
// Light or dark: what the system prefers until somebody says otherwise; always light on paper.

const preference = window.matchMedia("(prefers-color-scheme: dark)");
const paper = window.matchMedia("print");
const listeners = [];
let chosen = null;

export function theme() {
    if (paper.matches || printing) return "light";
    return chosen ?? (preference.matches ? "dark" : "light");
}

let printing = false;
let shown = null;

function update() {
    if (theme() === shown) return;
    shown = theme();
    document.documentElement.dataset.theme = shown;
    for (const listener of listeners) listener(shown);
}

/** Calls `listener` with the theme whenever it changes. */
export function onTheme(listener) {
    listeners.push(listener);
}

export function toggleTheme() {
    chosen = theme() === "dark" ? "light" : "dark";
    update();
}

export function startTheme() {
    preference.addEventListener("change", update);
    paper.addEventListener("change", update);
    window.addEventListener("beforeprint", () => { printing = true; update(); });
    window.addEventListener("afterprint", () => { printing = false; update(); });
    update();
}
