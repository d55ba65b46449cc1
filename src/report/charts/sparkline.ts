import { formatDuration } from '../../support/quantities.ts';
import type { Trend } from '../report-trend.ts';
import { escapeXml } from './clean-svg.ts';
import { colour } from './palette.ts';
import { linePath, type Spot } from './shapes.ts';

const WIDTH = 150;
const HEIGHT = 34;
const PAD = 3;
/** Room below the line for the marks of failed runs. */
const FOOT = 9;

/** A drill's trend at the height of a text line: recovery time against its target, failed runs marked below. Written by hand because a table has hundreds. */
export function drawSparkline({ drill, points, recovery, rtoMs }: Trend): string {
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last) return '';
  const times = points.flatMap(({ recoveryTimeMs }) => recoveryTimeMs ?? []);
  const highestMs = Math.max(1, ...times, Math.min(rtoMs, 4 * Math.max(1, ...times)));
  const spanMs = Math.max(1, last.at.getTime() - first.at.getTime());
  const spotOf = (at: Date, ms: number): Spot => [
    PAD + ((at.getTime() - first.at.getTime()) / spanMs) * (WIDTH - 2 * PAD),
    HEIGHT - FOOT - (Math.min(ms, highestMs) / highestMs) * (HEIGHT - FOOT - PAD),
  ];
  const timed = points.flatMap(({ at, recoveryTimeMs }) =>
    recoveryTimeMs === undefined ? [] : [spotOf(at, recoveryTimeMs)],
  );
  const failures = points.filter(({ failed }) => failed > 0).map(({ at }) => tickPath(spotOf(at, 0)[0]));
  const target = linePath([spotOf(first.at, rtoMs), [WIDTH - PAD, spotOf(last.at, rtoMs)[1]]]);
  const median = recovery.medianMs === undefined ? 'none timed' : `median ${formatDuration(recovery.medianMs)}`;
  const label = `recovery times of ${drill}: ${median}, target ${formatDuration(rtoMs)}`;
  return [
    `<svg class="r-spark" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${escapeXml(label)}">`,
    rtoMs <= highestMs
      ? `<path d="${target}" fill="none" stroke="${colour('target')}" stroke-dasharray="4 3" class="r-s-target"/>`
      : '',
    timed.length > 1
      ? `<path d="${linePath(timed)}" fill="none" stroke="${colour('restore')}" stroke-width="1.5" class="r-s-restore"/>`
      : '',
    failures.length > 0
      ? `<path d="${failures.join('')}" fill="none" stroke="${colour('bad')}" stroke-width="2" class="r-s-bad"/>`
      : '',
    '</svg>',
  ].join('');
}

function tickPath(x: number): string {
  return `M${Math.round(x * 10) / 10} ${HEIGHT - 6}v5`;
}
