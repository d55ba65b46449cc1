import type { PartName } from '../../../src/run/prediction/parts.ts';

/** How many times as long each part of a recorded run takes; by default 1. */
export type Factors = Readonly<Partial<Record<PartName, number>>>;

interface Line {
  readonly type: string;
  readonly at: string;
  readonly startedAt?: string;
  readonly durationMs?: number;
  readonly stage?: string;
  readonly phases?: readonly { readonly name: PartName; readonly durationMs: number }[];
  readonly progress?: { readonly phase: PartName; readonly ratio?: number };
}

/** A real load reports every second; reports are added so that a stretched one does not seem to stall. */
const REPORT_MS = 1000;

/**
 * The run as it would be with more data: each part takes longer by its factor, with the same progress curve.
 * @param lines of `firedrill run --json`, as recorded.
 */
export function stretchRun(lines: readonly string[], factors: Factors): readonly string[] {
  const events = lines.map((line) => JSON.parse(line) as Line);
  const toNew = clockOf(events, factors);
  const stretched = events.map((event) => stretchEvent(event, toNew, factors));
  return stretched.flatMap((event, index) => [...between(stretched[index - 1], event), event]).map(toText);
}

function toText(line: Line): string {
  return JSON.stringify(line);
}

/** Maps an instant of the recorded run to one of the stretched run. */
function clockOf(events: readonly Line[], factors: Factors): (at: string) => number {
  const startMs = Date.parse(events[0]?.at ?? '');
  const pieces = [{ realMs: startMs, newMs: startMs, factor: 1 }];
  for (const { type, at, stage, progress } of events) {
    const last = pieces.at(-1);
    const realMs = Date.parse(at);
    const factor =
      progress !== undefined
        ? (factors[progress.phase] ?? 1)
        : type === 'stage-started'
          ? (factors[stage as PartName] ?? 1)
          : undefined;
    if (last && factor !== undefined && factor !== last.factor)
      pieces.push({ realMs, newMs: last.newMs + (realMs - last.realMs) * last.factor, factor });
  }
  return (at) => {
    const realMs = Date.parse(at);
    const piece = pieces.findLast((one) => one.realMs <= realMs) ?? pieces[0];
    return piece ? piece.newMs + (realMs - piece.realMs) * piece.factor : realMs;
  };
}

function stretchEvent(event: Line, toNew: (at: string) => number, factors: Factors): Line {
  const at = iso(toNew(event.at));
  if (event.startedAt === undefined) return { ...event, at };
  const startedMs = toNew(event.startedAt);
  if (event.durationMs === undefined) return { ...event, at, startedAt: iso(startedMs) };
  const endedMs = toNew(iso(Date.parse(event.startedAt) + event.durationMs));
  const phases = event.phases?.map((phase) => ({
    ...phase,
    durationMs: phase.durationMs * (factors[phase.name] ?? 1),
  }));
  return { ...event, at, startedAt: iso(startedMs), durationMs: endedMs - startedMs, ...(phases && { phases }) };
}

function between(before: Line | undefined, after: Line): readonly Line[] {
  const [from, to] = [before?.progress, after.progress];
  if (!before || from?.phase !== 'load' || to?.phase !== 'load') return [];
  if (from.ratio === undefined || to.ratio === undefined) return [];
  const [fromMs, toMs, fromRatio] = [Date.parse(before.at), Date.parse(after.at), from.ratio];
  const slope = (to.ratio - fromRatio) / (toMs - fromMs);
  return Array.from({ length: Math.max(0, Math.ceil((toMs - fromMs) / REPORT_MS) - 1) }, (_, index) => {
    const ms = (index + 1) * REPORT_MS;
    return { ...before, at: iso(fromMs + ms), progress: { ...from, ratio: fromRatio + slope * ms } };
  });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
