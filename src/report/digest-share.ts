import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MessagePort } from 'node:worker_threads';
import type { HistoryDigest } from './drill-digest.ts';
import type { DrillHistory, ReportDrill, ReportRequest } from './input.ts';
import { contextOf, passes } from './make-report.ts';
import { type HistoryReader, readHistory } from './read-history.ts';
import { summarizeDrill } from './summarize-drill.ts';

/** The state shared by the two threads that make a report together. */
export interface DigestShare {
  readonly request: ReportRequest;
  readonly drills: readonly string[];
  /** A number for each drill, 0 until one of the two threads has claimed it. */
  readonly claims: Int32Array<SharedArrayBuffer>;
}

/** @param digest undefined: the filter excludes the drill. */
export type DigestAnswer =
  | { readonly kind: 'digest'; readonly index: number; readonly digest: HistoryDigest | undefined }
  | { readonly kind: 'through' };

/** How many facts are read before the current drills are known: half a report over a hundred thousand runs. */
const FACTS_AHEAD = 50_000;

/** @returns whether the caller has claimed the drill; only one of two concurrent callers does. */
export function claimDrill(claims: DigestShare['claims'], index: number): boolean {
  return Atomics.compareExchange(claims, index, 0, 1) === 0;
}

/**
 * The thread's half of a report: digests unclaimed drills from the first one on, and reports when none is left. Its first message is the current drills;
 * until that arrives it reads ahead.
 */
export async function digestShare(
  store: HistoryReader,
  { request, drills, claims }: DigestShare,
  port: Pick<MessagePort, 'once' | 'postMessage'>,
): Promise<void> {
  const context = contextOf(request);
  const filter = request.filter ?? {};
  const told = Promise.withResolvers<ReadonlyMap<string, ReportDrill>>();
  let isTold = false;
  port.once('message', (inForce: readonly ReportDrill[]) => {
    isTold = true;
    told.resolve(new Map(inForce.map((drill) => [drill.name, drill])));
  });
  const ahead: { readonly index: number; readonly history: DrillHistory }[] = [];
  const isFiltered = filter.tier !== undefined || filter.owner !== undefined;
  let left = isFiltered ? 0 : FACTS_AHEAD;
  const unclaimed = claimEach(drills, claims);
  while (!isTold && left > 0) {
    const next = unclaimed.next();
    if (next.done) break;
    const [index, drill] = next.value;
    const history = await readHistory(store, drill, context.period);
    ahead.push({ index, history });
    left -= history.facts.length;
    await nextTurn();
  }
  const inForce = await told.promise;
  const answer = (answer: DigestAnswer) => port.postMessage(answer);
  for (const { index, history } of ahead) {
    answer({ kind: 'digest', index, digest: summarizeDrill(history, inForce.get(history.drill), context) });
  }
  for (const [index, drill] of unclaimed) {
    const known = inForce.get(drill);
    const isWanted = known === undefined || passes(known, filter);
    const history = isWanted ? await readHistory(store, drill, context.period) : undefined;
    answer({ kind: 'digest', index, digest: history && summarizeDrill(history, known, context) });
  }
  answer({ kind: 'through' });
}

function* claimEach(drills: readonly string[], claims: DigestShare['claims']): Generator<readonly [number, string]> {
  for (const [index, drill] of drills.entries()) if (claimDrill(claims, index)) yield [index, drill];
}
