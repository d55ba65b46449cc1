import type { EChartsOption } from 'echarts';
import { BarChart, CustomChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { type ChartLabel, cleanSvg } from './clean-svg.ts';

/** ECharts learns what it needs once, when the first chart is drawn: importing it does nothing. */
let isReady = false;

/** One chart as SVG, the same text each time. Sizes in CSS pixels; in a page it takes the width that there is. */
export function draw(option: EChartsOption, width: number, height: number, label: ChartLabel): string {
  if (!isReady) use([BarChart, CustomChart, GridComponent, SVGRenderer]);
  isReady = true;
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, useUTC: true, ...option });
    return cleanSvg(chart.renderToSVGString(), width, height, label);
  } finally {
    chart.dispose();
  }
}
