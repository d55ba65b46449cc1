import { gammaln } from 'simple-statistics';

/** Number of requests, and how many of them were the provider's errors. */
export interface Trials {
  readonly requests: number;
  readonly errors: number;
}

/** Prior before any request: half an error in 50. So a store without earlier requests is expected to fail in at most a few percent. */
const PRIOR = { errors: 0.5, answers: 49.5 };
/** Errors come in bursts, so days differ by more than chance. More dispersion than this is considered an incident, not the norm. */
const MAX_DISPERSION = 20;
const DAYS_FOR_DISPERSION = 5;

/**
 * How many errors would be unusual among this many requests, given the earlier days: the smallest number that is reached or exceeded with a probability of at
 * most `chance`. The errors of a new day are beta-binomial (a binomial whose rate is known only as well as the past shows it; Gelman et al., Bayesian Data
 * Analysis, 2.3–2.5). Days that differ by more than chance count for less, by their dispersion (McCullagh and Nelder, Generalized Linear Models, 4.5).
 * @param chance 0 to 1.
 */
export function unusualFrom(days: readonly Trials[], requests: number, chance: number): number {
  const past = sumTrials(days);
  const dispersion = dispersionOf(days, past);
  const a = PRIOR.errors + past.errors / dispersion;
  const b = PRIOR.answers + (past.requests - past.errors) / dispersion;
  return Math.ceil(quantile(Math.max(1, Math.round(requests / dispersion)), a, b, chance) * dispersion);
}

export function sumTrials(all: readonly Trials[]): Trials {
  return {
    requests: all.reduce((sum, { requests }) => sum + requests, 0),
    errors: all.reduce((sum, { errors }) => sum + errors, 0),
  };
}

/** @returns by what factor days differ more than chance explains: 1 for chance alone. */
function dispersionOf(days: readonly Trials[], past: Trials): number {
  const used = days.filter(({ requests }) => requests > 0);
  if (used.length < DAYS_FOR_DISPERSION || past.errors === 0 || past.errors === past.requests) return 1;
  const rate = past.errors / past.requests;
  const chiSquare = used.reduce((sum, { requests, errors }) => {
    const expected = requests * rate;
    return sum + (errors - expected) ** 2 / (expected * (1 - rate));
  }, 0);
  return Math.min(MAX_DISPERSION, Math.max(1, chiSquare / (used.length - 1)));
}

/** @returns the smallest k with P(X ≥ k) ≤ chance of a beta-binomial X; n + 1 when there is none. */
function quantile(n: number, a: number, b: number, chance: number): number {
  let log = gammaln(b + n) + gammaln(a + b) - gammaln(b) - gammaln(a + b + n);
  let left = 1;
  for (let k = 0; k <= n; k += 1) {
    if (left <= chance) return k;
    left -= Math.exp(log);
    log += Math.log(((n - k) * (a + k)) / ((k + 1) * (b + n - k - 1)));
  }
  return n + 1;
}
