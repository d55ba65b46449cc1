import type { Readable, Writable } from 'node:stream';
import type { ExecResult } from '../sandbox/sandbox.ts';

/** Restored files in the sandbox. Paths are relative to what was restored, with `/`; links are never followed, and nothing outside is read. */
export interface RestoredFiles {
  /** @returns undefined if nothing exists there. @throws DrillError `check-malformed` for a path that leads outside. */
  lstat(path: string, signal: AbortSignal): Promise<RestoredFile | undefined>;
  /** Everything below a directory, excluding the directory itself, in no particular order. */
  list(path: string, signal: AbortSignal): AsyncIterable<RestoredFile>;
  /** @returns the content's SHA-256 in hexadecimal. @throws DrillError `wrong-data` if it is missing, is not a regular file, or cannot be read. */
  hash(path: string, signal: AbortSignal): Promise<string>;
  /** Throws what {@link hash} throws; as the stream's error once reading has begun. */
  read(path: string, signal: AbortSignal): Promise<Readable>;
  /** Runs a program in that directory, without secrets in its environment. Ends as `Server.runProgram` does. */
  run(
    argv: readonly string[],
    options: { readonly stdout?: Writable; readonly signal: AbortSignal },
  ): Promise<ExecResult>;
  /** Whether two restores of one backup may differ, because programs of the drill write there. Default: no. */
  readonly mayDiffer?: boolean;
}

export interface RestoredFile {
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  /** Size of a regular file; 0 for anything else. */
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
}
