// SPDX-License-Identifier: Apache-2.0
// The page, in reading order. A section is a function of a result that gives {id, title, lead, content}.
import {confidence} from "./confidence.js";
import {firmware} from "./firmware.js";
import {headline} from "./headline.js";
import {learning} from "./learning.js";
import {roofline} from "./roofline.js";
import {scenario} from "./scenario.js";
import {traffic} from "./traffic.js";
import {units} from "./units.js";
import {whereTimeGoes} from "./time.js";

export const sections = [headline, whereTimeGoes, units, roofline, traffic, firmware, learning, confidence, scenario];
