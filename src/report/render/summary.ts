import { formatAge, formatCount } from '../../support/quantities.ts';
import { isOver } from '../known-then.ts';
import type { CoverageGap, Incident, Report } from '../report.ts';
import type { Measure } from '../report-attainment.ts';
import type { DrillRow } from '../report-summary.ts';
import type { Forecast } from '../report-trend.ts';
import { GAPS } from './titles.ts';
import { formatDate, formatMs, formatShare, formatTargetShare, plural } from './vocabulary.ts';

/** A number on the first page. */
export interface Tile {
  readonly label: string;
  readonly value: string;
  /** `↑ from 96.8 %`; undefined: nothing to compare with. */
  readonly change: string | undefined;
  readonly note: string | undefined;
  readonly tone: 'good' | 'bad' | 'warn' | undefined;
}

/** The numbers on the first page, the same in every format. */
export function summaryTiles(report: Report): readonly Tile[] {
  const { headline, drills, previous, attainment } = report;
  const { rto, rpo, data } = attainment.all.total;
  const failing = drills.filter(({ result }) => result === 'failing').length;
  const hasDrills = drills.length > 0;
  const isProven = hasDrills && headline.provenCount === drills.length;
  const share = (label: string, { share: now }: Measure, before: number | undefined): Tile => ({
    label,
    value: formatShare(now),
    change: describeMove(now, before, formatShare),
    note: `target ${formatTargetShare(attainment.targetShare)}`,
    tone: now === undefined ? undefined : now >= attainment.targetShare ? 'good' : 'bad',
  });
  return [
    {
      label: 'Proven recoverable',
      value: `${headline.provenCount} of ${drills.length}`,
      change:
        previous &&
        describeMove(headline.provenCount, previous.provenCount, (count) => `${count} of ${previous.drillCount}`),
      note: undefined,
      tone: hasDrills ? (isProven ? 'good' : 'bad') : undefined,
    },
    {
      label: isOver({ asOf: report.madeAt, period: report.period }) ? 'Failing at its end' : 'Failing now',
      value: String(failing),
      change: previous && describeMove(failing, previous.failingCount, String),
      note: undefined,
      tone: failing > 0 ? 'bad' : report.runCount > 0 ? 'good' : undefined,
    },
    share('Within RTO', rto, previous?.rto),
    share('Within RPO', rpo, previous?.rpo),
    share('Right data', data, previous?.data),
    speedTile(report),
    headroomTile(report),
    untestedTile(report),
  ];
}

/** `↑ from 96.8 %`, `unchanged`. */
function describeMove(
  now: number | undefined,
  before: number | undefined,
  format: (value: number) => string,
): string | undefined {
  if (now === undefined || before === undefined) return undefined;
  if (now === before) return 'unchanged';
  return `${now > before ? '↑' : '↓'} from ${format(before)}`;
}

function speedTile({ speed: { comparedCount, ratio, slowerCount } }: Report): Tile {
  const label = 'Recovery time';
  if (ratio === undefined)
    return { label, value: '–', change: undefined, note: 'too few runs to compare', tone: undefined };
  const percent = Math.round(Math.abs(ratio - 1) * 100);
  return {
    label,
    value: percent === 0 ? 'unchanged' : `${percent} % ${ratio > 1 ? 'slower' : 'faster'}`,
    change: slowerCount === 0 ? undefined : `${slowerCount} slower beyond noise`,
    note: `median of ${plural(comparedCount, 'drill')}`,
    tone: slowerCount > 0 ? 'warn' : 'good',
  };
}

function headroomTile({ drills }: Report): Tile {
  const label = 'Least headroom';
  const [tightest] = drills
    .filter(({ headroom }) => headroom !== undefined)
    .toSorted((a, b) => (a.headroom ?? 0) - (b.headroom ?? 0));
  if (!tightest) return { label, value: '–', change: undefined, note: 'no timed run', tone: undefined };
  const { drill, headroom = 0, recovery, rtoMs } = tightest;
  const tone = headroom < 0 ? 'bad' : headroom < TIGHT ? 'warn' : 'good';
  return {
    label,
    value: formatHeadroom(headroom),
    change: undefined,
    note: `${drill}: ${formatMs(recovery.p95Ms)} (RTO ${formatMs(rtoMs)})`,
    tone,
  };
}

/** A drill with less headroom than this share of the RTO is marked. */
export const TIGHT = 0.2;

function untestedTile({ drills, discovery }: Report): Tile {
  const never = drills.filter(({ result }) => result === 'never').length;
  const uncovered = discovery?.gaps.length ?? 0;
  return {
    label: 'Never tested',
    value: String(never + uncovered),
    change: undefined,
    note: `${plural(never, 'drill')}, ${plural(uncovered, 'backup')} without one`,
    tone: never + uncovered > 0 ? 'bad' : drills.length > 0 ? 'good' : undefined,
  };
}

/** `25 %`; `−12 %` when the target is exceeded. */
export function formatHeadroom(headroom: number | undefined): string {
  if (headroom === undefined) return '–';
  const percent = Math.round(headroom * 100);
  return `${percent < 0 ? `−${formatCount(-percent)}` : percent} %`;
}

/** `3 Oct 2026`; `never`. */
export function describeProven({ proven }: DrillRow, zone: string): string {
  return proven ? formatDate(proven.at, zone) : 'never';
}

/** When the RTO will be missed, for a table's cell: `7 May 2027`, `after 28 Nov 2027`, `now`. */
export function shortForecast(forecast: Forecast | undefined, zone: string): string {
  if (!forecast) return '–';
  if (forecast.kind === 'refused') return REFUSED[forecast.why];
  const { crossing } = forecast;
  const day = (at: Date) => formatDate(at, zone);
  switch (crossing.kind) {
    case 'now':
      return 'now';
    case 'expected':
      return day(crossing.at);
    case 'possible':
      return `slow runs ${day(crossing.earliest)}`;
    case 'none':
      return `after ${day(crossing.until)}`;
  }
}

const REFUSED: Readonly<Record<Extract<Forecast, { kind: 'refused' }>['why'], string>> = {
  'too-few': 'too few runs',
  'too-short': 'history too short',
  'too-scattered': 'times too scattered',
  'too-old': 'no recent run',
  'not-counted': 'restore not counted',
};

/** Open failures only: those of the most critical tier first. */
export function failingNow({ incidents }: Report): readonly Incident[] {
  return incidents
    .filter(({ kind, resolved }) => kind === 'failed' && !resolved)
    .toSorted((a, b) => (a.tier ?? LAST) - (b.tier ?? LAST) || b.ageMs - a.ageMs);
}

const LAST = Number.MAX_SAFE_INTEGER;

/** `since 14 Nov 2026, 15 d`. */
export function describeSince({ first, ageMs }: Incident, zone: string): string {
  return `since ${formatDate(first.at, zone)}, ${formatAge(ageMs)}`;
}

/** Gaps of one kind combined: `never drilled: archive, mail and 3 more`. */
export interface GapGroup {
  readonly kind: CoverageGap['kind'];
  readonly words: string;
  readonly drills: readonly string[];
}

/** Gaps by kind, worst first, without those already in the list of failures. */
export function groupGaps({ coverage: { gaps } }: Report): readonly GapGroup[] {
  const byKind = Map.groupBy(
    gaps.filter(({ kind }) => kind !== 'failing-long'),
    ({ kind }) => kind,
  );
  return Array.from(byKind, ([kind, own]) => ({ kind, words: GAPS[kind], drills: own.map(({ drill }) => drill) }));
}

/** `archive, mail and 3 more`. */
export function nameSome(names: readonly string[], most: number): string {
  const rest = names.length - most;
  return rest > 0 ? `${names.slice(0, most).join(', ')} and ${rest} more` : names.join(', ');
}

/** Truncates a sentence for a list; the run itself has all of it. */
export function clip(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).trimEnd()}…`;
}
