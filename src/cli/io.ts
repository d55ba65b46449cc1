import type { Readable } from 'node:stream';

/** A command's input and output, passed in so that tests can replace it. */
export interface Io {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborts at the first Ctrl-C or SIGTERM; the reason is a DrillError `interrupted`. */
  readonly interrupt: AbortSignal;
  readonly service: ServiceSignals;
  /** Present if links are shown; see `createHyperlinks`. */
  readonly links?: Hyperlinks | undefined;
  /** The real streams if stdout is a terminal on which lines can be redrawn; else undefined. */
  readonly terminal: { readonly stdout: NodeJS.WriteStream; readonly stderr: NodeJS.WriteStream } | undefined;
}

/** Signals for a long-running command: the first stops it gracefully (`interrupt`), the second at once. */
export interface ServiceSignals {
  /** Aborts at the second signal to stop. */
  readonly hurry: AbortSignal;
  /**
   * @param words.first and `words.second` are printed on stderr at the first and second signal, instead of `Canceling`.
   * @param onReload called on SIGHUP, which then does not stop the command.
   */
  takeOver(words: { readonly first: string; readonly second: string }, onReload?: () => void): void;
}

export interface TextSink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number | undefined;
}

/**
 * How links start and end in output. They carry a random id, so that sanitizing output keeps only these links, and none smuggled in through a name in a backup.
 */
export interface Hyperlinks {
  /** Makes a text a link. @param url undefined: no link. */
  link(text: string, url: string | undefined): string;
  /** Matches the start or end of one of these links. */
  readonly pattern: RegExp;
}
