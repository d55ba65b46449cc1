import type { CustomSeriesOption } from 'echarts';
import { type ChartColour, colour } from './palette.ts';
import type { Spot } from './shapes.ts';

/** Converts a value on each axis to a position in the picture. */
export type Coord = (value: readonly [number, number]) => Spot;

export type Shape =
  | { readonly path: string; readonly fill: ChartColour; readonly opacity?: number }
  | { readonly path: string; readonly stroke: ChartColour; readonly width: number; readonly dash?: readonly number[] }
  | { readonly text: string; readonly at: Spot; readonly align: 'center' | 'right'; readonly fill: ChartColour };

/**
 * Shapes drawn into a chart's grids in addition to those that ECharts draws. ECharts computes the axes and positions and gets a placeholder for each path,
 * which is replaced at the end: parsing and rewriting long paths would be half the time of a report with hundreds of charts.
 */
export class Painting {
  readonly #paths: string[] = [];

  /** A custom series with one item, which draws all the shapes. */
  series(axisIndex: number, paint: (coord: Coord) => readonly Shape[]): CustomSeriesOption {
    return {
      type: 'custom',
      xAxisIndex: axisIndex,
      yAxisIndex: axisIndex,
      silent: true,
      data: [[0, 0]],
      renderItem: (_params, api) => {
        const coord: Coord = (value) => {
          const [x = 0, y = 0] = api.coord([...value]);
          return [x, y];
        };
        const shapes = paint(coord).filter((shape) => 'text' in shape || shape.path !== '');
        return { type: 'group', children: shapes.map((shape) => this.#toElement(shape)) };
      },
    };
  }

  /** Replaces the placeholders with the paths. */
  finish(svg: string): string {
    return svg.replace(/ d="M(\d+) -9L-9 -9"/g, (_sign, index: string) => ` d="${this.#paths[Number(index)] ?? ''}"`);
  }

  #toElement(shape: Shape) {
    if ('text' in shape) {
      const [x, y] = shape.at;
      const style = { text: shape.text, fill: colour(shape.fill), fontSize: 11, align: shape.align };
      return { type: 'text' as const, x, y, style: { ...style, verticalAlign: 'bottom' as const } };
    }
    const index = this.#paths.push(shape.path) - 1;
    return { type: 'path' as const, shape: { pathData: `M${index} -9L-9 -9` }, style: toStyle(shape) };
  }
}

function toStyle(shape: Exclude<Shape, { text: string }>) {
  if ('fill' in shape) return { fill: colour(shape.fill), opacity: shape.opacity ?? 1 };
  const { stroke, width, dash } = shape;
  return { fill: 'none', stroke: colour(stroke), lineWidth: width, ...(dash ? { lineDash: [...dash] } : {}) };
}
