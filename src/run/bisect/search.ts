/** What is known about a backup: it passed, it failed, or its run errored. */
export type Finding = 'good' | 'bad' | 'unknown';

/** Findings by position: 0 is the newest backup. */
export type Findings = ReadonlyMap<number, Finding>;

/** What to do next, or how the search ended. Positions as in {@link Findings}. */
export type Step =
  | { readonly kind: 'try'; readonly index: number }
  /** `unproven`: newer backups, up to the next bad one, whose runs errored. `bad` is undefined when none is known. */
  | {
      readonly kind: 'found';
      readonly good: number;
      readonly bad: number | undefined;
      readonly unproven: readonly number[];
    }
  /** Even the oldest backup is bad. */
  | { readonly kind: 'none'; readonly bad: number }
  /** Every backup that could be good has a run that errored. `bad`: the oldest known. */
  | { readonly kind: 'unclear'; readonly bad: number | undefined };

/**
 * The next step in the search for the newest good backup, given that all backups after a bad one are bad: the newest first, then the oldest, then by halving
 * the range between them. A backup whose run errored proves nothing, so the nearest untried one takes its place. Findings that contradict the assumption are
 * handled: the newest good backup counts, and the oldest bad one newer than it.
 * @param count of backups, at least 1.
 */
export function nextStep(count: number, findings: Findings): Step {
  const { good, bad } = boundsOf(findings);
  const untried = between(bad ?? -1, good ?? count).filter((index) => !findings.has(index));
  if (untried.length > 0) {
    const wanted = bad === undefined ? 0 : good === undefined ? count - 1 : Math.floor((bad + good) / 2);
    return { kind: 'try', index: nearest(untried, wanted) };
  }
  if (good !== undefined) return { kind: 'found', good, bad, unproven: between(bad ?? -1, good) };
  if (bad === count - 1) return { kind: 'none', bad };
  return { kind: 'unclear', bad };
}

/** Maximum number of runs the search still needs, if none errors. */
export function mostTries(count: number, findings: Findings): number {
  const { good, bad } = boundsOf(findings);
  if (good === 0 || bad === count - 1) return 0;
  if (bad === undefined) return 1 + mostTries(count, new Map([...findings, [0, 'bad']]));
  if (good === undefined) return 1 + halvings(count - 1 - bad);
  return halvings(good - bad);
}

interface Bounds {
  readonly good: number | undefined;
  readonly bad: number | undefined;
}

function boundsOf(findings: Findings): Bounds {
  const of = (finding: Finding) => [...findings].flatMap(([index, found]) => (found === finding ? [index] : []));
  const good = of('good').reduce<number | undefined>((least, index) => Math.min(least ?? index, index), undefined);
  const bad = of('bad')
    .filter((index) => good === undefined || index < good)
    .reduce<number | undefined>((most, index) => Math.max(most ?? index, index), undefined);
  return { good, bad };
}

/** Positions between two others, both exclusive. */
function between(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from - 1) }, (_, offset) => from + 1 + offset);
}

function nearest(indices: readonly number[], wanted: number): number {
  return indices.reduce((best, index) => (Math.abs(index - wanted) < Math.abs(best - wanted) ? index : best));
}

/** How often a distance is halved until it is 1. */
function halvings(distance: number): number {
  return Math.ceil(Math.log2(distance));
}
