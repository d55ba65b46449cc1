import { Worker } from 'node:worker_threads';
import { claimDrill, type DigestAnswer, type DigestShare } from './digest-share.ts';
import type { HistoryDigest } from './drill-digest.ts';
import type { ReportDrill, ReportRequest } from './input.ts';

/** What the thread is started with. */
export interface DigestThreadData extends DigestShare {
  readonly storePath: string;
}

/** Another thread that digests drills of a report: a machine with more than one processor makes it in half the time. To be disposed of in any case. */
export interface DigestHelper extends AsyncDisposable {
  /** The report's, in the order in which the thread goes through them. */
  readonly drills: readonly string[];
  /** Until it is told of the drills in force, the thread only reads ahead. */
  tell(inForce: readonly ReportDrill[]): void;
  /** @returns whether the drill is the caller's from now on, whose else it is the thread's. */
  claim(index: number): boolean;
  /** To be asked once every drill is claimed. Of what the thread has claimed: what it has digested and, when it failed, what is left to the caller. */
  finish(): Promise<{ readonly done: readonly HistoryDigest[]; readonly left: readonly string[] }>;
}

/** @param script of the thread, which reads the same store. */
export function startDigestHelper(
  script: URL,
  storePath: string,
  drills: readonly string[],
  request: ReportRequest,
): DigestHelper {
  const claims = new Int32Array(new SharedArrayBuffer(drills.length * Int32Array.BYTES_PER_ELEMENT));
  const worker = new Worker(script, { workerData: { storePath, request, drills, claims } satisfies DigestThreadData });
  const answers = new Map<number, HistoryDigest | undefined>();
  const own = new Set<number>();
  const ended = Promise.withResolvers<void>();
  worker.on('message', (answer: DigestAnswer) => {
    if (answer.kind === 'through') ended.resolve();
    else answers.set(answer.index, answer.digest);
  });
  // What it has left undone is done here, and whatever is wrong with the store is told here.
  worker.once('error', () => ended.resolve());
  worker.once('exit', () => ended.resolve());
  return {
    drills,
    tell: (inForce) =>
      worker.postMessage(
        inForce.map(({ name, owner, tier, objectives: { rtoMs } }) => ({ name, owner, tier, objectives: { rtoMs } })),
      ),
    claim(index) {
      const isMine = claimDrill(claims, index);
      if (isMine) own.add(index);
      return isMine;
    },
    async finish() {
      await ended.promise;
      const left = drills.filter((_drill, index) => !own.has(index) && !answers.has(index));
      return { done: [...answers.values()].filter((digest) => digest !== undefined), left };
    },
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}
