import type { Drill, Pause, Schedule } from '../config/drill-file.ts';
import type { Silence, SilenceMatch, SilenceStore } from '../record/silence-store.ts';
import { formatInstant } from '../support/instants.ts';
import { toPrintable } from '../support/printable.ts';
import { formatAge } from '../support/quantities.ts';
import type { QuietKind } from '../support/vocabulary.ts';
import type { Acknowledged } from './acknowledged.ts';

/** A silence as it applies to a drill. */
export interface Silenced extends Pick<Silence, 'id' | 'from' | 'until' | 'reason' | 'by' | 'pausesRuns'> {
  /** `silenced until 30 Nov 2026, 08:00 UTC by alice: storage migration` */
  readonly sentence: string;
}

export type MatchedDrill = Pick<Drill, 'name' | 'owner' | 'tier' | 'labels'>;

const DAY_MS = 86_400_000;
/** How long a finished pause can still explain why no run started, in milliseconds. */
const PAUSES_KEPT_MS = 366 * DAY_MS;

/** The silences that standings and schedules depend on: current and future ones, and those of the last year. */
export function readSilences(store: Pick<SilenceStore, 'findSilences'>, now: Date): Promise<readonly Silence[]> {
  return store.findSilences({ from: new Date(now.getTime() - PAUSES_KEPT_MS) });
}

/** Whether a silence matches the drill: all keys that it has must match. */
export function matchesDrill({ drills, owner, tier, labels = {} }: SilenceMatch, drill: MatchedDrill): boolean {
  return (
    (drills === undefined || drills.includes(drill.name)) &&
    (owner === undefined || owner === drill.owner) &&
    (tier === undefined || tier === drill.tier) &&
    Object.entries(labels).every(([key, value]) => drill.labels?.[key] === value)
  );
}

/** When it ends, or was ended early. */
export function endOfSilence({ until, ended }: Pick<Silence, 'until' | 'ended'>): Date {
  return ended && ended.at < until ? ended.at : until;
}

export type SilencePhase = 'planned' | 'active' | 'over';

export function phaseOf(silence: Pick<Silence, 'from' | 'until' | 'ended'>, now: Date): SilencePhase {
  if (endOfSilence(silence) <= now) return 'over';
  return silence.from > now ? 'planned' : 'active';
}

/** The silence that applies to a drill now; if there are several, the one that ends last. */
export function silencedNow(silences: readonly Silence[], drill: MatchedDrill, now: Date): Silenced | undefined {
  const [last] = silences
    .filter((one) => phaseOf(one, now) === 'active' && matchesDrill(one.match, drill))
    .toSorted((a, b) => b.until.getTime() - a.until.getTime());
  return last && toSilenced(last, describeSilence(last));
}

/** The next planned silence of a drill. */
export function silenceAhead(silences: readonly Silence[], drill: MatchedDrill, now: Date): Silenced | undefined {
  const [next] = silences
    .filter((one) => phaseOf(one, now) === 'planned' && matchesDrill(one.match, drill))
    .toSorted((a, b) => a.from.getTime() - b.from.getTime());
  if (!next) return undefined;
  const lasts = formatAge(next.until.getTime() - next.from.getTime());
  const effect = next.pausesRuns ? 'alerts and no scheduled runs' : 'alerts';
  const sentence = `no ${effect} from ${formatInstant(next.from)} for ${lasts}, planned by ${next.by}: ${next.reason}`;
  return toSilenced(next, toPrintable(sentence, 400));
}

/** `silenced and paused until 30 Nov 2026, 08:00 UTC by alice: storage migration`. */
function describeSilence({ until, by, reason, pausesRuns }: Omit<Silence, 'id' | 'match' | 'ended'>): string {
  const effect = pausesRuns ? 'silenced and paused' : 'silenced';
  return toPrintable(`${effect} until ${formatInstant(until)} by ${by}: ${reason}`, 400);
}

/** `orders, ledger`, `owner payments, tier 1, service=shop`, `all drills`. */
export function describeMatch({ drills, owner, tier, labels = {} }: SilenceMatch): string {
  const parts = [
    ...(drills ?? []),
    ...(owner === undefined ? [] : [`owner ${owner}`]),
    ...(tier === undefined ? [] : [`tier ${tier}`]),
    ...Object.entries(labels).map(([key, value]) => `${key}=${value}`),
  ];
  return parts.length === 0 ? 'all drills' : toPrintable(parts.join(', '), 400);
}

/** Why alerts or reminders about a drill’s problem are held back. */
export interface Quiet {
  readonly kind: QuietKind;
  readonly sentence: string;
}

/** @returns what holds back most: a silence, else an acknowledgement or snooze. */
export function quietOf({
  acknowledged,
  silenced,
}: {
  readonly acknowledged?: Acknowledged | undefined;
  readonly silenced?: Silenced | undefined;
}): Quiet | undefined {
  if (silenced) return { kind: 'silenced', sentence: silenced.sentence };
  return acknowledged && { kind: acknowledged.kind, sentence: acknowledged.sentence };
}

/**
 * The drill with its pauses added to the times at which no run starts. Finished pauses are included: runs due during them were not missed.
 * @returns the same object if there are none.
 */
export function withPauses<Paused extends MatchedDrill & Pick<Drill, 'schedule'>>(
  drill: Paused,
  silences: readonly Silence[],
): Paused {
  if (!drill.schedule) return drill;
  const pauses = pausesOf(drill, silences);
  return pauses.length === 0 ? drill : { ...drill, schedule: { ...drill.schedule, pauses } };
}

/** The pause that a drill is in, whether or not it has a schedule; undefined: none. */
export function pausedNow(silences: readonly Silence[], drill: MatchedDrill, now: Date): Pause | undefined {
  return pausesOf(drill, silences).find(({ from, until }) => from <= now && now < until);
}

/** Whether it is paused now, given a schedule from {@link withPauses}. */
export function isPaused({ pauses = [] }: Pick<Schedule, 'pauses'>, now: Date): boolean {
  return pauses.some(({ from, until }) => from <= now && now < until);
}

function pausesOf(drill: MatchedDrill, silences: readonly Silence[]): readonly Pause[] {
  return silences.filter(({ pausesRuns, match }) => pausesRuns && matchesDrill(match, drill)).flatMap(toPause);
}

/** A pause takes effect when it is created at the earliest: runs that were due before that were missed, even if the pause is backdated. */
function toPause(silence: Silence): readonly Pause[] {
  const { at, by, reason } = silence;
  const until = endOfSilence(silence);
  const from = silence.from < at ? at : silence.from;
  if (until <= from) return [];
  return [{ from, until, reason: toPrintable(`paused until ${formatInstant(until)} by ${by}: ${reason}`, 400) }];
}

function toSilenced({ id, from, until, reason, by, pausesRuns }: Silence, sentence: string): Silenced {
  return { id, from, until, reason, by, pausesRuns, sentence };
}
