// SPDX-License-Identifier: Apache-2.0
// The page of gradus whatif: what a step would take on another chip. Its data:
//   outcome      whatif.json, see doc/what-if.md
//   parameters   [{"key": "chip.dma.channels", "unit", "help", "default"}]
import {startPage} from "./start.js";
import {sensitivity} from "./whatif/sensitivity.js";
import {variations} from "./whatif/variations.js";

const {outcome, parameters} = JSON.parse(document.getElementById("data").textContent);
const page = outcome.schema.startsWith("gradus.sensitivity") ? sensitivity(outcome) : variations(outcome, parameters);
startPage({brand: "Gradus what if", title: outcome.name, subtitle: page.subtitle}, page.sections);
