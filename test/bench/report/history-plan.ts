import { makeRandom, pick } from '../schedule/random.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** One drill of a generated history: what it backs up, how that grows, and what happens to it. */
export interface PlannedDrill {
  readonly name: string;
  readonly owner: string;
  readonly tier: number;
  readonly everyMs: number;
  readonly offsetMs: number;
  readonly startBytes: number;
  /** Share of `startBytes` that is added per year. */
  readonly growthPerYear: number;
  readonly bytesPerSecond: number;
  readonly noise: number;
  readonly besideMs: number;
  readonly rtoMs: number;
  readonly rpoMs: number;
  /** When the RTO was changed, and to what. */
  readonly newRto: { readonly atMs: number; readonly rtoMs: number };
  /** When the image or host changed, and how much faster or slower that made it. */
  readonly steps: readonly { readonly atMs: number; readonly factor: number; readonly kind: 'image' | 'host' }[];
  readonly failureRate: number;
}

export interface HistoryPlan {
  readonly drills: readonly PlannedDrill[];
  readonly startMs: number;
  readonly endMs: number;
  /** The drill and start of each run, in chronological order. */
  readonly order: { readonly drill: Uint16Array; readonly startedMs: Float64Array };
}

const OWNERS = ['payments', 'platform', 'search', 'growth', 'data'];
const EVERY_HOURS = [2, 6, 6, 24];

/** @param endMs the latest time at which the newest run of each drill is due. */
export function planHistory(drillCount: number, runCount: number, seed: number, endMs: number): HistoryPlan {
  const random = makeRandom(seed);
  const everyMs = Array.from({ length: drillCount }, (_, index) => (EVERY_HOURS[index % 4] ?? 6) * HOUR_MS);
  const runsPerMs = everyMs.reduce((sum, every) => sum + 1 / every, 0);
  const startMs = endMs - runCount / runsPerMs;
  const drills = everyMs.map((every, index) => planDrill(index, every, startMs, endMs, random));
  return { drills, startMs, endMs, order: orderRuns(drills, runCount, endMs) };
}

function planDrill(index: number, everyMs: number, startMs: number, endMs: number, random: () => number): PlannedDrill {
  const startBytes = Math.round(10 ** (8.3 + random() * 3.2));
  const bytesPerSecond = 5e7 * 2 ** (random() * 3);
  const besideMs = 8000 + random() * 40_000;
  const growthPerYear = random() < 0.3 ? random() * 0.05 : random() * 0.8;
  const years = (endMs - startMs) / (365 * DAY_MS);
  const startRecoveryMs = besideMs + (startBytes / bytesPerSecond) * 1000;
  const endRecoveryMs = besideMs + ((startBytes * (1 + growthPerYear * years)) / bytesPerSecond) * 1000;
  const between = () => startMs + random() * (endMs - startMs);
  return {
    name: `${pick(['orders', 'billing', 'shop', 'users', 'stock', 'mail', 'audit', 'geo'], random)}-${index}`,
    owner: pick(OWNERS, random),
    tier: 1 + Math.floor(random() * 3),
    everyMs,
    offsetMs: Math.floor(random() * everyMs),
    startBytes,
    growthPerYear,
    bytesPerSecond,
    noise: 0.02 + random() * 0.06,
    besideMs,
    rtoMs: roundMinutes(startRecoveryMs * (1.3 + random())),
    rpoMs: 26 * HOUR_MS,
    newRto: { atMs: between(), rtoMs: roundMinutes(endRecoveryMs * (1.02 + random() * 0.8)) },
    steps: Array.from({ length: Math.floor(random() * 4) }, () => {
      const kind = pick(['image', 'host'] as const, random);
      return { atMs: between(), factor: 0.8 + random() * 0.5, kind };
    }).toSorted((a, b) => a.atMs - b.atMs),
    failureRate: random() < 0.2 ? 0.03 : 0.004,
  };
}

function orderRuns(drills: readonly PlannedDrill[], runCount: number, endMs: number): HistoryPlan['order'] {
  const next = drills.map(({ everyMs, offsetMs }) => endMs - (offsetMs % everyMs));
  const drill = new Uint16Array(runCount);
  const startedMs = new Float64Array(runCount);
  // From the newest backwards, one slot of the shortest interval at a time.
  for (let position = runCount - 1; position >= 0; position -= 1) {
    let latest = 0;
    for (let index = 1; index < next.length; index += 1) {
      if ((next[index] ?? 0) > (next[latest] ?? 0)) latest = index;
    }
    drill[position] = latest;
    startedMs[position] = next[latest] ?? 0;
    next[latest] = (next[latest] ?? 0) - (drills[latest]?.everyMs ?? DAY_MS);
  }
  return { drill, startedMs };
}

function roundMinutes(ms: number): number {
  return Math.max(1, Math.ceil(ms / 60_000)) * 60_000;
}
