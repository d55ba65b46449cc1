import type { Silence, SilenceMatch } from '../record/silence-store.ts';
import { makeSilence, type SilenceRequest } from '../status/make-silence.ts';
import { describeMatch, matchesDrill } from '../status/silenced.ts';
import type { DashboardDeps } from './deps.ts';

/** A silence, as requested by a page or the API. */
export interface SilenceOrder extends Pick<SilenceRequest, 'from' | 'until' | 'for' | 'reason' | 'pausesRuns'> {
  readonly match: SilenceMatch;
  /** Confirms that all drills are meant; without it, an empty match is rejected, and with it, any other. */
  readonly all: boolean;
}

/**
 * Records a silence.
 * @param who as recorded: `alice (web)`.
 * @returns the silence and how many drills it currently matches, or the problem, as a sentence.
 */
export async function silence(
  { store, standings, clock, control }: Pick<DashboardDeps, 'store' | 'standings' | 'clock' | 'control'>,
  { match, all, ...order }: SilenceOrder,
  who: string,
): Promise<{ readonly made: Omit<Silence, 'ended'>; readonly count: number } | { readonly problem: string }> {
  const isChosen = Object.keys(match).length > 0;
  if (!isChosen && !all) return { problem: 'Choose drills by name, owner, tier or label, or choose all.' };
  if (isChosen && all) return { problem: 'Choose some drills or all of them, not both.' };
  const known = (await standings()).drills.map(({ drill }) => drill);
  const unknown = match.drills?.find((name) => !known.some((drill) => drill.name === name));
  if (unknown !== undefined) return { problem: `There is no drill ${JSON.stringify(unknown)}.` };
  const count = known.filter((drill) => matchesDrill(match, drill)).length;
  if (count === 0) return { problem: `No drill matches ${describeMatch(match)}.` };
  const made = makeSilence({ ...order, match, at: clock.now(), by: who });
  if ('problem' in made) return { problem: `${made.problem.field}: ${made.problem.message}` };
  await store().addSilence(made);
  control.refresh();
  return { made, count };
}

/** Ends a silence, or withdraws it. @returns false if there is none with that id, or it is over. */
export async function endSilence(
  { store, clock, control }: Pick<DashboardDeps, 'store' | 'clock' | 'control'>,
  id: string,
  who: string,
): Promise<boolean> {
  const ended = await store().endSilence(id, clock.now(), who);
  if (ended) control.refresh();
  return ended;
}
