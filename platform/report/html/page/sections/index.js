// SPDX-License-Identifier: Apache-2.0
// The page, in reading order. A section is a function of a result that gives {id, title, lead, content}.
import {confidence} from "./confidence.js";
import {energy} from "./energy.js";
import {firmware} from "./firmware.js";
import {headline} from "./headline.js";
import {learning} from "./learning.js";
import {memory} from "./memory.js";
import {roofline} from "./roofline.js";
import {scenario} from "./scenario.js";
import {timeline} from "./timeline.js";
import {traffic} from "./traffic.js";
import {units} from "./units.js";
import {whereTimeGoes} from "./time.js";

export const sections = [headline, whereTimeGoes, units, timeline, roofline, memory, traffic, energy, firmware, learning, confidence, scenario];
