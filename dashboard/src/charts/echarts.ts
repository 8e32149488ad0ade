// The pieces of ECharts that the charts use. Only ever imported lazily: it is larger than all the rest together.
// Tooltips must be drawn on the canvas (renderMode richText): the HTML ones carry style attributes, which the
// Content-Security-Policy refuses.
import {LineChart, ScatterChart} from 'echarts/charts';
import {GridComponent, TooltipComponent} from 'echarts/components';
import {init, use, type EChartsType} from 'echarts/core';
import {CanvasRenderer} from 'echarts/renderers';

use([LineChart, ScatterChart, GridComponent, TooltipComponent, CanvasRenderer]);

export {init};
export type {EChartsType};
