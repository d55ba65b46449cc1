import type { ZodRawShape } from 'zod';
import type { Capability } from './capability.ts';

/** An engine’s own keys under `engine:` in a drill file. */
export interface EngineOptions {
  /** Every one optional and described for the reference; no two engines have the same key. */
  readonly keys: ZodRawShape;
  /**
   * Makes plain data of the keys: it is hashed with the drill, and given to the engine’s formats when they recognise a backup. No secret may be in it.
   * @param own the keys that the drill file has, each valid by itself.
   * @returns undefined where anything was reported.
   */
  resolve(own: Readonly<Record<string, unknown>>, context: OptionsContext): unknown;
}

export interface OptionsContext {
  /** `engine.image`; undefined: the drill names none. */
  readonly image: string | undefined;
  /** `sandbox.runtime`; undefined: the drill names none. */
  readonly runtime: string | undefined;
  readonly checks: readonly DrilledCheck[];
  /** @param path below the drill: `['engine', 'steps']`. */
  report(path: readonly PropertyKey[], message: string): void;
}

/** What an engine may know of a drill’s check. */
export interface DrilledCheck {
  readonly needs: Capability;
  /** Of a check that runs a program: the program and its arguments. */
  readonly argv: readonly string[] | undefined;
  /** Whether what that program prints is held to something. */
  readonly isJudged: boolean;
  /** Whether it is held to be at least a number above 0. */
  readonly isAboveZero: boolean;
}
