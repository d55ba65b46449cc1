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
  /** Present where links are shown; see `createHyperlinks`. */
  readonly links?: Hyperlinks | undefined;
  /** The real streams if stdout is a terminal on which lines can be redrawn; else undefined. */
  readonly terminal: { readonly stdout: NodeJS.WriteStream; readonly stderr: NodeJS.WriteStream } | undefined;
}

/** Signals for a long-running command: the first stops it in order (`interrupt`), the second at once. */
export interface ServiceSignals {
  /** Aborts at the second signal to stop. */
  readonly hurry: AbortSignal;
  /**
   * @param words.first and `words.second` are printed on stderr at each signal, in place of `Canceling`.
   * @param onReload is called at SIGHUP, which then does not stop the command.
   */
  takeOver(words: { readonly first: string; readonly second: string }, onReload?: () => void): void;
}

export interface TextSink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number | undefined;
}

/**
 * How links begin and end in output. They carry a random id, so that output which is cleaned of everything else that controls a terminal keeps these links
 * only, and none that a name in a backup brings along.
 */
export interface Hyperlinks {
  /** Makes a text a link. @param url undefined: there is nothing to link to. */
  link(text: string, url: string | undefined): string;
  /** Matches the beginning or the end of one of these links. */
  readonly pattern: RegExp;
}
