import type { Readable } from 'node:stream';

/** What a command sees of the world: passed in, so that a test is just another world. */
export interface Io {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborts at the first Ctrl-C or SIGTERM; the reason is a DrillError `interrupted`. */
  readonly interrupt: AbortSignal;
  readonly service: ServiceSignals;
  /** The real streams, where stdout is a terminal on which lines can be redrawn; undefined elsewhere. */
  readonly terminal: { readonly stdout: NodeJS.WriteStream; readonly stderr: NodeJS.WriteStream } | undefined;
}

/** Signals as a command that stays takes them: the first stops it in order (`interrupt`), the second at once, SIGHUP does not stop it. */
export interface ServiceSignals {
  /** Aborts at the second signal to stop. */
  readonly hurry: AbortSignal;
  /** @param words.first and `words.second` are said on stderr when the signals come, in the place of what is said to somebody who waits for a run. */
  takeOver(words: { readonly first: string; readonly second: string }, onReload: () => void): void;
}

export interface TextSink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number | undefined;
}
