import type { EChartsOption } from 'echarts';
import { BarChart, CustomChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { type ChartLabel, cleanSvg } from './clean-svg.ts';
import type { Painting } from './painting.ts';

/** ECharts' components are registered when the first chart is drawn, so that importing this module has no side effects. */
let isReady = false;

export interface Canvas {
  /** In CSS pixels; in a page the chart scales to the available width. */
  readonly width: number;
  readonly height: number;
  readonly painting: Painting;
}

/** Draws one chart as SVG; the same input gives the same text. */
export function draw(option: EChartsOption, { width, height, painting }: Canvas, label: ChartLabel): string {
  if (!isReady) use([BarChart, CustomChart, GridComponent, SVGRenderer]);
  isReady = true;
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, ...option });
    return painting.finish(cleanSvg(chart.renderToSVGString(), width, height, label));
  } finally {
    chart.dispose();
  }
}
