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
  /** The real streams, where stdout is a terminal on which lines can be redrawn; undefined elsewhere. */
  readonly terminal: { readonly stdout: NodeJS.WriteStream; readonly stderr: NodeJS.WriteStream } | undefined;
}

export interface TextSink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}
