import { describeSpread, ratios } from '../statistics.ts';
import type { BenchStore } from './bench-stores.ts';
import { type Answers, describeAnswers, readAtOnce, readNowAndThen, timed } from './readers.ts';
import { type RealServer, startRealServer } from './real-server.ts';
import { startWriter } from './writer.ts';

const READERS = 20;

export interface PageOptions {
  /** Of the drills in the history. */
  readonly names: readonly string[];
  readonly times: number;
  readonly limits: { readonly pageMs: number; readonly firstLoadBytes: number };
  readonly say: (text: string) => void;
}

/** The pages of the real server, over HTTP. @returns whether a limit is missed. */
export async function measurePages(
  { name: store, address, directory }: BenchStore,
  { names, times, limits, say }: PageOptions,
): Promise<boolean> {
  await using server = await startRealServer(directory);
  let turn = 0;
  const nothing = async () => void (await server.read('/healthz'));
  const pages = {
    overview: async () => void (await server.read('/')),
    'drill, each time another,': async () => {
      turn += 1;
      await server.read(`/drills/${names[turn % names.length]}`);
    },
  };
  const { text, isMore } = await measureFirstLoad(server, limits.firstLoadBytes);
  say(`\n${store}: the first load of the overview, with all that belongs to it: ${text}`);
  const missed = [isMore];
  const writer = await startWriter(address);
  try {
    for (const name of ['overview', 'drill, each time another,'] as const) {
      say(`\n${store}: the page ${name} with ${READERS} readers, while runs are written (${times} rounds)`);
      const rounds = async (read: typeof readNowAndThen, how: string) => {
        const measured: Answers[] = [];
        const least: Answers[] = [];
        for (let time = 0; time < times; time += 1) {
          least.push(await read(nothing, READERS));
          measured.push(await read(pages[name], READERS));
        }
        missed.push(describeAnswers(measured, how, limits.pageMs, say));
        const p95 = (answers: readonly Answers[]) => answers.map(({ p95Ms }) => p95Ms);
        const times95 = describeSpread(ratios(p95(measured), p95(least)), 1);
        say(`    p95 to that of an answer of one line (/healthz), in turn: ${times95} times as long`);
      };
      await rounds(readNowAndThen, 'each looks a second at it');
      await rounds(readAtOnce, 'all ask at one moment');
    }
  } finally {
    say(`\nruns written meanwhile by another process: ${await writer.stop()}`);
  }
  const report = () => timed(() => server.read('/report'));
  const first = await report();
  const following: number[] = [];
  for (let time = 0; time < times; time += 1) following.push(await report());
  say(`the page of the report over 90 days: at first ${first.toFixed(0)} ms, then ${describeSpread(following, 0)} ms`);
  return missed.includes(true);
}

/** Bytes as transferred over the wire. */
async function measureFirstLoad(server: RealServer, limit: number): Promise<{ text: string; isMore: boolean }> {
  const { text } = await server.read('/', { compressed: false });
  const assets = [...text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path);
  const loads = await Promise.all(['/', ...new Set(assets)].map((path) => server.read(path)));
  const bytes = loads.reduce((sum, load) => sum + load.bytes, 0);
  const isMore = bytes > limit;
  const size = `${(bytes / 1000).toFixed(1)} kB in ${loads.length} requests`;
  return { text: isMore ? `${size}, MORE than ${limit} bytes` : size, isMore };
}
