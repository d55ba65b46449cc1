import type { ZodType } from 'zod';
import type { QueryResult } from '../../engines/query-result.ts';

export interface EvaluateContext {
  /** When the backup was taken. */
  readonly takenAt: Date;
}

export interface Finding {
  readonly passed: boolean;
  /** Human-readable, safe to print, with at most about 200 characters of data: `598`, `no row`. */
  readonly actual: string;
}

/**
 * One kind of expectation for a query's result, with its key below `expect:` in a drill file. Every kind MUST:
 * - be able to fail: its schema rejects values that every result meets, and values that no result meets;
 * - be pure, and show no more of the data than one value;
 * - throw nothing but `check-malformed`, and only where the check itself makes no sense.
 */
export interface ExpectationKind<Key extends string, File, Spec extends { readonly kind: Key }> {
  /** As a drill file writes it. */
  readonly key: Key;
  /** Schema of the key's value, with descriptions for the reference. */
  readonly schema: ZodType<File>;
  /** `expect: KEY` means the same as `expect: { KEY: true }`. */
  readonly canStandAlone?: true;
  /** A result without rows can meet this kind; it fails every other kind. */
  readonly allowsNoRow?: true;
  resolve(file: File): Spec;
  /** In words: `at least 599`. */
  describe(spec: Spec, context: EvaluateContext): string;
  /** How many rows are needed to decide: a check must not pull a whole table out of the sandbox. */
  rowsNeeded(spec: Spec): number;
  /** @throws DrillError `check-malformed` */
  evaluate(spec: Spec, result: QueryResult, context: EvaluateContext): Finding;
  /**
   * Why it could not fail, or never pass, if the query is a plain count: one row with one number that is never below 0.
   * @returns undefined when there is no such problem.
   */
  explainVacuousCount?(spec: Spec): string | undefined;
  /**
   * Whether it requires at least some number above 0, which no count on an empty server reaches. A number to be equaled does not count: it may be a constant,
   * such as a status or a version.
   */
  isAboveZero?(spec: Spec): boolean;
}

/** Lets the compiler infer the types of the key, the file and the spec. */
export function defineExpectation<Key extends string, File, Spec extends { readonly kind: Key }>(
  kind: ExpectationKind<Key, File, Spec>,
): ExpectationKind<Key, File, Spec> {
  return kind;
}
