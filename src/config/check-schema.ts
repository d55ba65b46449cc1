import { z } from 'zod';
import type { CheckDefaults, CheckFileBase } from '../verify/check-kind.ts';
import { CHECK_KEYS, CHECK_KINDS, type CheckKey, type CheckSpec, type FileOf } from '../verify/registry.ts';
import { listWords } from './fields.ts';
import { nearest } from './nearest.ts';

/** What a validated check needs to become a {@link CheckSpec}. Paths are relative to the check. */
export interface CheckReading {
  textOf(path: readonly string[]): string | undefined;
  report(path: readonly string[], message: string): void;
  readonly defaults?: CheckDefaults;
}

/** A validated check of a drill file. */
export interface CheckFile {
  readonly name: string;
  readonly kind: CheckKey;
  /** The output of its kind's schema: plain data. */
  readonly keys: CheckFileBase;
  /** @returns undefined if a file that it names could not be read; that has already been reported. */
  resolve(reading: CheckReading): CheckSpec | undefined;
}

/** One check, of any kind. */
export const checkSchema: z.ZodType<CheckFile> = z.union(CHECK_KEYS.map(schemaOf), {
  error: ({ input }) => `needs a key that says what to check: ${listWords(CHECK_KEYS, 'or')}${guess(input)}`,
});

/** A check with a misspelled kind has a key that resembles one. */
function guess(input: unknown): string {
  if (typeof input !== 'object' || input === null) return '';
  for (const key of Object.keys(input)) {
    const near = key === 'name' ? undefined : nearest(key, CHECK_KEYS);
    if (near !== undefined && near !== key) return `; did you mean "${near}" instead of "${key}"?`;
  }
  return '';
}

function schemaOf<K extends CheckKey>(kind: K): z.ZodType<CheckFile> {
  return CHECK_KINDS[kind].schema.transform((keys) => checkFileOf(kind, keys));
}

/** A check stored as plain data. */
export function reviveCheck({ kind, keys }: Pick<CheckFile, 'kind' | 'keys'>): CheckFile {
  return checkFileOf(kind, keys as FileOf<typeof kind>); // the two were kept together
}

/** @param keys the output of this kind's schema for the check. */
function checkFileOf<K extends CheckKey>(kind: K, keys: FileOf<K>): CheckFile {
  const checks = CHECK_KINDS[kind];
  return {
    name: keys.name,
    kind,
    keys,
    resolve({ textOf, report, defaults = {} }) {
      const check = checks.resolve(keys, textOf, defaults);
      const vacuous = check && checks.findVacuous?.(check);
      if (vacuous) report(vacuous.path, vacuous.message);
      return check;
    },
  };
}
