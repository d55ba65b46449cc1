import type { EChartsOption } from 'echarts';
import { BarChart, CustomChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { type ChartLabel, cleanSvg } from './clean-svg.ts';
import type { Painting } from './painting.ts';

/** ECharts learns what it needs once, when the first chart is drawn: importing it does nothing. */
let isReady = false;

export interface Canvas {
  /** In CSS pixels; in a page it takes the width that there is. */
  readonly width: number;
  readonly height: number;
  readonly painting: Painting;
}

/** One chart as SVG, the same text each time. */
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
