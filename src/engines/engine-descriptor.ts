import type { LocalBinaries } from '../sandbox/local-binaries.ts';
import type { Engine } from './engine.ts';

/** A server setting that a drill may choose. */
export interface AllowedSetting {
  /** What a value must match, ignoring case. */
  readonly values: RegExp;
  /** The same in words, to follow `must be`. */
  readonly expected: string;
}

/**
 * What is known about a database product without loading its engine: enough to validate a drill file and to draft one. A descriptor MUST allow
 * only settings that some backups need in order to load or to return the same results. It must not allow a setting that lets restored data act by
 * itself, reach out, or read or write a file, or that changes what the harness measures.
 */
export interface EngineDescriptor<Type extends string = string> {
  /** `engine.type` in a drill file. */
  readonly type: Type;
  /** The product's usual name: `PostgreSQL`. */
  readonly title: string;
  readonly allowedSettings: Readonly<Record<string, AllowedSetting>>;
  /** Whether its server can load libraries at start (`engine.preload`). */
  readonly canPreload: boolean;
  readonly localBinaries: LocalBinaries;
  /** For the checks that `firedrill init` drafts. */
  readonly starter: {
    /** Counts the users' tables; returns one row. */
    readonly tableCount: string;
    /** The character that quotes an identifier; doubled within one. */
    readonly identifierQuote: string;
  };
  load(): Promise<Engine>;
}
