import { z } from 'zod';
import type { CheckDefaults } from '../verify/check-kind.ts';
import { CHECK_KEYS, CHECK_KINDS, type CheckKey, type CheckSpec } from '../verify/registry.ts';
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
  /** @returns undefined when a file that it names could not be read; that has been reported. */
  resolve(reading: CheckReading): CheckSpec | undefined;
}

/** One check, of any kind. */
export const checkSchema: z.ZodType<CheckFile> = z.union(CHECK_KEYS.map(schemaOf), {
  error: ({ input }) => `needs a key that says what to check: ${listWords(CHECK_KEYS, 'or')}${guess(input)}`,
});

/** A check whose kind is misspelled has a key that is close to one. */
function guess(input: unknown): string {
  if (typeof input !== 'object' || input === null) return '';
  for (const key of Object.keys(input)) {
    const near = key === 'name' ? undefined : nearest(key, CHECK_KEYS);
    if (near !== undefined && near !== key) return `; did you mean "${near}" instead of "${key}"?`;
  }
  return '';
}

function schemaOf<K extends CheckKey>(key: K): z.ZodType<CheckFile> {
  const kind = CHECK_KINDS[key];
  return kind.schema.transform((file) => ({
    name: file.name,
    resolve({ textOf, report, defaults = {} }) {
      const check = kind.resolve(file, textOf, defaults);
      const vacuous = check && kind.findVacuous?.(check);
      if (vacuous) report(vacuous.path, vacuous.message);
      return check;
    },
  }));
}
