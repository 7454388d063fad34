// SPDX-License-Identifier: Apache-2.0
// Light or dark: what the system prefers until somebody says otherwise. On paper always light, and as wide as paper is.

const preference = window.matchMedia("(prefers-color-scheme: dark)");
const paper = window.matchMedia("print");
const listeners = [];
let chosen = null;
let printing = false;
let shown = "";

const onPaper = () => paper.matches || printing;

export function theme() {
    if (onPaper()) return "light";
    return chosen ?? (preference.matches ? "dark" : "light");
}

function update() {
    const now = `${theme()} ${onPaper()}`;
    if (now === shown) return;
    shown = now;
    document.documentElement.dataset.theme = theme();
    document.documentElement.toggleAttribute("data-paper", onPaper());
    for (const listener of listeners) listener();
}

/** Calls `listener` whenever the theme changes, or the page goes to paper and comes back: it is laid out by then. */
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
