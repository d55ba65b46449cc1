import { colour } from './palette.ts';
import type { Scale } from './scale.ts';
import { timeTicks } from './time-ticks.ts';

const TEXT = { color: colour('text'), fontSize: 11 };
const LINE = { lineStyle: { color: colour('text') } };

/** @param most maximum number of ticks; default 8. */
export function timeAxis(gridIndex: number, min: number, max: number, hasLabels: boolean, most?: number) {
  const { atMs, format } = timeTicks(min, max, most);
  const customValues = [...atMs];
  return {
    type: 'value' as const,
    gridIndex,
    min,
    max,
    axisLine: LINE,
    axisTick: { ...LINE, show: true, customValues },
    splitLine: { show: false },
    axisLabel: { ...TEXT, show: hasLabels, customValues, hideOverlap: true, formatter: format },
  };
}

export function valueAxis(gridIndex: number, { max, interval, format }: Scale) {
  return {
    type: 'value' as const,
    gridIndex,
    min: 0,
    max,
    interval,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: colour('grid') } },
    axisLabel: { ...TEXT, formatter: format },
  };
}
