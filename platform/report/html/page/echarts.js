// SPDX-License-Identifier: Apache-2.0
// Only what the report draws.
import {BarChart, CustomChart, LineChart, SankeyChart, ScatterChart, TreemapChart} from "echarts/charts";
import {AriaComponent, DataZoomComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent} from "echarts/components";
import {init, use} from "echarts/core";
import {CanvasRenderer} from "echarts/renderers";

use([BarChart, CustomChart, LineChart, SankeyChart, ScatterChart, TreemapChart, AriaComponent, DataZoomComponent,
    GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

export {init};
