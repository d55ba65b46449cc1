import type { LocalBinaries } from '../sandbox/local-binaries.ts';
import type { Engine } from './engine.ts';

/** A server setting that a drill may choose. */
export interface AllowedSetting {
  /** What a value must match, letter case aside. */
  readonly values: RegExp;
  /** The same for people, to go after `must be`. */
  readonly expected: string;
}

/**
 * What is known of a database product without loading its engine: enough to validate a drill file and to draft one. A descriptor MUST allow
 * only settings under which some backups alone can be loaded or answer as they did: none that lets restored data act by itself, reach
 * out, read or write a file, or that changes what the harness measures.
 */
export interface EngineDescriptor<Type extends string = string> {
  /** `engine.type` in a drill file. */
  readonly type: Type;
  /** As people call it: `PostgreSQL`. */
  readonly title: string;
  readonly allowedSettings: Readonly<Record<string, AllowedSetting>>;
  /** Whether its server can load libraries when it starts (`engine.preload`). */
  readonly canPreload: boolean;
  readonly localBinaries: LocalBinaries;
  /** For the checks that `firedrill init` drafts. */
  readonly starter: {
    /** Counts the tables of users; gives one row. */
    readonly tableCount: string;
    /** What quotes an identifier; doubled within one. */
    readonly identifierQuote: string;
  };
  load(): Promise<Engine>;
}
