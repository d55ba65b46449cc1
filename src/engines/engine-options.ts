import type { ZodRawShape } from 'zod';
import type { Capability } from './capability.ts';

/** An engine’s own keys under `engine:` in a drill file. */
export interface EngineOptions {
  /** All are optional and described for the reference; no two engines share a key. */
  readonly keys: ZodRawShape;
  /**
   * Resolves the keys to plain data, which is hashed with the drill and passed to the engine’s formats when they recognise a backup. It must not contain
   * secrets.
   * @param own the keys that the drill file has, each valid by itself.
   * @returns undefined if anything was reported.
   */
  resolve(own: Readonly<Record<string, unknown>>, context: OptionsContext): unknown;
}

export interface OptionsContext {
  /** `engine.image`; undefined if the drill sets none. */
  readonly image: string | undefined;
  /** `sandbox.runtime`; undefined if the drill sets none. */
  readonly runtime: string | undefined;
  readonly checks: readonly DrilledCheck[];
  /** @param path relative to the drill: `['engine', 'steps']`. */
  report(path: readonly PropertyKey[], message: string): void;
}

/** The part of a drill’s check that an engine may know. */
export interface DrilledCheck {
  readonly needs: Capability;
  /** For a check that runs a program: the program and its arguments. */
  readonly argv: readonly string[] | undefined;
  /** Whether the program's output is checked against an expectation. */
  readonly isJudged: boolean;
  /** Whether the output is expected to be at least a number above 0. */
  readonly isAboveZero: boolean;
  /** For a check of restored files: what must be there for it to pass. */
  readonly required?: 'nothing' | 'files' | 'content';
}
