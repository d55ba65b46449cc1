import { type Chain, type MatrixOptions, type MatrixResult, pointsOf, runChain } from './kill-chain.ts';
import type { KillMode } from './kill-points.ts';
import type { Ended } from './kill-workspace.ts';

/** Points, grouped by what must have happened before a process can reach them. */
export interface PointList {
  /** Only on a store that does not exist yet. */
  readonly fresh: readonly string[];
  readonly any: readonly string[];
  /** Only if the previous process was killed while it had a sandbox. */
  readonly afterKill: readonly string[];
}

/** The point by which everything of a run exists: its record, its sandbox, its server. */
const FULL_HOUSE = 'verify/session.query:before';

/**
 * Runs once on a new store, once killed with everything up, and once more, and records the points that they reach. Throws if one does not end as it should.
 */
export async function listPoints({ makeWorkspace, start, startOptions }: MatrixOptions): Promise<PointList> {
  await using workspace = await makeWorkspace();
  const first = pointsOf(expectPassed(await start(workspace, { ...startOptions })));
  const killed = await start(workspace, { ...startOptions, killAt: FULL_HOUSE });
  if (killed.killedAt !== FULL_HOUSE) throw new Error(`not killed at ${FULL_HOUSE}: ${killed.stderr}`);
  const third = pointsOf(expectPassed(await start(workspace, { ...startOptions })));
  return {
    fresh: first.filter((point) => !third.includes(point)),
    any: first.filter((point) => third.includes(point)),
    afterKill: third.filter((point) => !first.includes(point)),
  };
}

/** Every point where a record is written or something starts or ends, and an even share of the others. */
export function choosePoints(points: readonly string[], atMost: number): readonly string[] {
  const must = points.filter((point) => BOUNDARY.test(point));
  const others = points.filter((point) => !BOUNDARY.test(point));
  const room = Math.max(0, Math.min(atMost - must.length, others.length));
  const sampled = Array.from({ length: room }, (_, index) => others[Math.floor((index * others.length) / room)] ?? '');
  return points.filter((point) => must.includes(point) || sampled.includes(point));
}

const BOUNDARY =
  /store\.(claim|addStage|finish|interruptAbandoned):|runtime\.\w+:|sandbox\.dispose:|(engine|staged|server)\.(inspect|boot|load|seal):|owner\.json|sql commit:|fs\.mkdir box$|fs\.rm box/;

/**
 * Kills at each point, several in a row on one history, where each start cleans up after the previous one; the last in each row may
 * finish.
 */
export async function runMatrix(list: PointList, options: MatrixOptions): Promise<MatrixResult> {
  const waiting = makeChains(list, options.killsPerChain);
  const kills: string[] = [];
  const missed: string[] = [];
  const points = new Set<string>();
  const wrong: string[] = [];
  const lane = async () => {
    for (let chain = waiting.shift(); chain; chain = waiting.shift()) {
      const result = await runChain(chain, options);
      kills.push(...result.kills);
      missed.push(...result.missed);
      for (const point of result.points) points.add(point);
      wrong.push(...result.wrong);
    }
  };
  await Promise.all(Array.from({ length: options.lanes }, lane));
  return { kills, missed, points: [...points], wrong };
}

function makeChains({ fresh, any, afterKill }: PointList, killsPerChain: number): Chain[] {
  const count = Math.ceil((fresh.length + any.length + 2 * afterKill.length) / killsPerChain);
  const chains: string[][] = Array.from({ length: Math.max(count, fresh.length) }, (_, index) =>
    fresh.slice(index, index + 1),
  );
  afterKill.forEach((point, index) => {
    chains[index % chains.length]?.push(FULL_HOUSE, point);
  });
  // Adjacent points go to different chains, so that each chain covers every stage.
  for (const point of any) shortest(chains).push(point);
  return chains.map((points, chain) => points.map((point, index) => ({ point, mode: modeOf(chain + index) })));
}

function shortest(chains: readonly string[][]): string[] {
  return chains.reduce((best, chain) => (chain.length < best.length ? chain : best));
}

function modeOf(index: number): KillMode {
  if (index % 7 === 3) return 'group';
  return index % 7 === 5 ? 'tree' : 'process';
}

function expectPassed(ended: Ended): Ended {
  if (ended.killedAt !== undefined || ended.code !== 0) {
    throw new Error(
      `ended with ${ended.code}, killed at ${ended.killedAt}: ${ended.stderr}${ended.stdout.slice(-2000)}`,
    );
  }
  return ended;
}
