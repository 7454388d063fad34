// SPDX-License-Identifier: Apache-2.0
// The top of a page.
import {element} from "./dom.js";
import {toggleTheme} from "./theme.js";

export function heading(brand, title, subtitle) {
    return element("header", {},
        element("a", {class: "skip", href: "#main"}, "Skip to the report"),
        element("div", {class: "bar"}, element("div", {}, element("p", {class: "brand"}, brand), element("h1", {}, title),
            element("p", {class: "subtitle"}, subtitle)),
        element("div", {class: "actions"},
            element("button", {type: "button", id: "theme", onclick: toggleTheme, title: "Switch between light and dark"}, "Light / dark"),
            element("button", {type: "button", id: "print", onclick: () => window.print()}, "Print"))));
}
