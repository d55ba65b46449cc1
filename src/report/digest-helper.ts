import { Worker } from 'node:worker_threads';
import { claimDrill, type DigestAnswer, type DigestShare } from './digest-share.ts';
import type { HistoryDigest } from './drill-digest.ts';
import type { ReportDrill, ReportRequest } from './input.ts';

/** The data that the thread is started with. */
export interface DigestThreadData extends DigestShare {
  readonly storePath: string;
}

/** A second thread that digests drills of a report; with more than one processor this halves the time. Always dispose of it. */
export interface DigestHelper extends AsyncDisposable {
  /** The report's drills, in the order in which the thread processes them. */
  readonly drills: readonly string[];
  /** Sends the current drills to the thread; until then it only reads ahead. */
  tell(inForce: readonly ReportDrill[]): void;
  /** @returns true when the drill is now the caller's, false when the thread has already claimed it. */
  claim(index: number): boolean;
  /** Call it once every drill is claimed. Returns what the thread digested of the drills that it claimed and, if it failed, those left to the caller. */
  finish(): Promise<{ readonly done: readonly HistoryDigest[]; readonly left: readonly string[] }>;
}

/** @param script the thread's module, which reads the same store. */
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
  // The caller does what the thread left undone, and reports whatever is wrong with the store.
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
