import type { ZodType } from 'zod';
import { between, max, min } from './bounds.ts';
import { empty, notEmpty } from './emptiness.ts';
import { equals } from './equals.ts';
import type { ExpectationKind } from './expectation-kind.ts';
import { matches } from './matches.ts';
import { newerThan } from './newer-than.ts';
import { oneOf } from './one-of.ts';
import { rows } from './rows.ts';

/** Every kind of expectation, one line each, in the order of the reference. */
const KINDS = { equals, min, max, between, matches, oneOf, newerThan, rows, empty, notEmpty };

type Kinds = typeof KINDS;
export type ExpectationKey = keyof Kinds;
type FileOf<K extends ExpectationKey> = Parameters<Kinds[K]['resolve']> extends [infer File] ? File : true;
type SpecOf<K extends ExpectationKey> = ReturnType<Kinds[K]['resolve']>;

/** A validated expectation, of exactly one kind. */
export type Expectation<K extends ExpectationKey = ExpectationKey> = {
  readonly [One in K]: SpecOf<One> & { readonly kind: One };
}[K];

type Table = { readonly [K in ExpectationKey]: ExpectationKind<K, FileOf<K>, Expectation<K>> };

export const EXPECTATION_KINDS: Table = KINDS;

export const EXPECTATION_KEYS = Object.keys(KINDS) as readonly ExpectationKey[];

/** @returns the schema for the value of a key below `expect:`; it outputs the expectation. */
export function readExpectation<K extends ExpectationKey>(key: K): ZodType<Expectation<K>> {
  const kind = EXPECTATION_KINDS[key];
  return kind.schema.transform((file) => kind.resolve(file));
}

export function kindOf<K extends ExpectationKey>(expectation: Expectation<K>): Table[K] {
  return EXPECTATION_KINDS[expectation.kind];
}
