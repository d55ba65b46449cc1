import { formatDuration } from '../../support/quantities.ts';
import type { Coord, Shape } from './painting.ts';
import type { Frame } from './recovery-frame.ts';
import { stairPath } from './shapes.ts';

/** The RTO over time as a dashed line with its newest value, or only the value where the line would be far above everything else. */
export function paintTarget({ points, fromMs, toMs, scale, isTargetShown }: Frame, coord: Coord): Shape[] {
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last) return [];
  const words = `RTO ${formatDuration(last.rtoMs)}`;
  const write = (text: string, ms: number): Shape => {
    const [x, y] = coord([toMs, ms]);
    return { text, at: [x, y - 3], align: 'right', fill: 'target' };
  };
  if (!isTargetShown) return [write(`${words}, far above`, scale.max)];
  const all = [{ ...first, startedMs: fromMs }, ...points, { ...last, startedMs: toMs }];
  const path = stairPath(all.map(({ startedMs, rtoMs }) => coord([startedMs, Math.min(rtoMs, scale.max)])));
  return [{ path, stroke: 'target', width: 1.5, dash: [6, 3] }, write(words, Math.min(last.rtoMs, scale.max))];
}
