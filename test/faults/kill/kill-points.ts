import { openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { currentOwner } from '../../../src/support/owner.ts';

/** `process`: only the process itself, like `kill -9`. `group`: its process group. `tree`: also all its descendants, like a service manager. */
export type KillMode = 'process' | 'group' | 'tree';

/** The journal of a process that will be killed, one JSON line each, written at once because it cannot be written afterwards. */
export type JournalEntry =
  | { readonly kind: 'owner'; readonly owner: string }
  | { readonly kind: 'point'; readonly point: string }
  /** The cleanup that every start begins with is done. */
  | { readonly kind: 'cleaned' }
  /** A write to the store: `begun` may be durable or not, `done` must be. */
  | { readonly kind: 'begun' | 'done'; readonly write: 'claim' | 'addStage' | 'finish'; readonly about: string };

export interface KillOptions {
  readonly journalFile: string;
  /** By default nowhere. */
  readonly killAt: string | undefined;
  readonly mode: KillMode;
  /** Done at this point instead of dying. */
  readonly fault?: { readonly at: string; act(): void } | undefined;
}

/**
 * Points in a process's life where it can be killed: numbered if the same thing happens again, and identified by stage, so that a point is found again in the
 * next process.
 */
export class KillPoints {
  /** `start` before the run is claimed, then `claimed`, `locate`, `after locate`, … `ended`. */
  stage = 'start';
  /** While this runs alongside a stage, changes to files and processes are attributed to it, since the stage that they fall into varies. */
  beside: string | undefined;
  private readonly counts = new Map<string, number>();
  private readonly journal: number;
  private readonly options: KillOptions;

  constructor(options: KillOptions) {
    this.journal = openSync(options.journalFile, 'a');
    this.options = options;
    const { pid, startTicks } = currentOwner();
    this.note({ kind: 'owner', owner: `${pid}-${startTicks}` });
  }

  note(entry: JournalEntry): void {
    writeSync(this.journal, `${JSON.stringify(entry)}\n`);
  }

  /** A point where the process can die. @param half done when it does: what an interrupted action leaves behind. */
  hit(name: string, half?: () => void): void {
    const stage = /^(fs\.|spawn )/.test(name) ? (this.beside ?? this.stage) : this.stage;
    const place = `${stage}/${name}`;
    const count = (this.counts.get(place) ?? 0) + 1;
    this.counts.set(place, count);
    const point = count === 1 ? place : `${place}#${count}`;
    this.note({ kind: 'point', point });
    const { killAt, fault } = this.options;
    if (point === fault?.at) fault.act();
    if (point !== killAt) return;
    half?.();
    this.die();
  }

  /** Runs the work between two points. */
  async around<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    this.hit(`${name}:before`);
    const value = await work();
    this.hit(`${name}:after`);
    return value;
  }

  private die(): never {
    flushCompileCache(); // later processes need not compile what this one has compiled
    const { mode } = this.options;
    if (mode === 'tree') for (const pid of descendantsOf(process.pid)) killHard(pid);
    killHard(mode === 'group' ? -process.pid : process.pid);
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); // not one step further
  }
}

/** Finds descendants by their parents, including those in namespaces, as long as no process in between has ended. */
function descendantsOf(root: number): readonly number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), parentOf(name)] as const),
  );
  const found = new Set([root]);
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  found.delete(root);
  return [...found];
}

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0; // it has ended in the meantime
  }
}

function killHard(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
