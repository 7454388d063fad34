// SPDX-License-Identifier: Apache-2.0
// Several results side by side.
import {element} from "../dom.js";

export function comparison(results) {
    return {id: "comparison", title: "Side by side", content: [element("p", {}, results.map((each) => each.title).join(", "))]};
}
