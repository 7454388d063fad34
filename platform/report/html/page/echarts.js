// SPDX-License-Identifier: Apache-2.0
// Only what the pages draw.
import {BarChart, CustomChart, LineChart, ParallelChart, SankeyChart, ScatterChart, TreemapChart} from "echarts/charts";
import {AriaComponent, BrushComponent, DataZoomComponent, GridComponent, LegendComponent, MarkLineComponent, ParallelComponent,
    ToolboxComponent, TooltipComponent} from "echarts/components";
import {init, use} from "echarts/core";
import {CanvasRenderer} from "echarts/renderers";

use([BarChart, CustomChart, LineChart, ParallelChart, SankeyChart, ScatterChart, TreemapChart, AriaComponent, BrushComponent,
    DataZoomComponent, GridComponent, LegendComponent, MarkLineComponent, ParallelComponent, ToolboxComponent, TooltipComponent,
    CanvasRenderer]);

export {init};
