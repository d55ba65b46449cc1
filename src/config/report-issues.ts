import { z } from 'zod';
import { ALL_DRIVERS } from '../backup/registry.ts';
import { listWords } from './fields.ts';
import { nearest } from './nearest.ts';
import { formatKey, type Problem } from './problem.ts';
import type { YamlFile } from './yaml-file.ts';

/** Maximum number of allowed keys listed in a message. */
const SHOWN_KEYS = 24;
/** Values under these keys are never repeated in a message. */
const SECRET_KEYS = new Set<PropertyKey>(['keys', ...ALL_DRIVERS.flatMap(({ secrets }) => secrets)]);

type Issue = z.core.$ZodIssue;

/**
 * Turns every issue of the schema, not only the first, into a problem with a position.
 * @param file the name in messages.
 */
export function reportIssues(file: string, yaml: YamlFile, schema: z.ZodType, issues: readonly Issue[]): Problem[] {
  const narrowed = issues.flatMap(narrowUnion);
  const withUnknown = new Set(
    narrowed.flatMap((issue) => (issue.code === 'unrecognized_keys' ? [formatKey(issue.path)] : [])),
  );
  return narrowed.flatMap((issue): Problem[] => {
    // If a mapping has a mistyped key, that probably also explains missing keys.
    if (issue.code === 'custom' && withUnknown.has(formatKey(issue.path))) return [];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) =>
        problem(file, yaml, issue.path, [...issue.path, key], explainUnknown(schema, yaml.value, issue.path, key)),
      );
    }
    return [problem(file, yaml, issue.path, issue.path, explain(issue, yaml.value))];
  });
}

function problem(
  file: string,
  yaml: YamlFile,
  key: readonly PropertyKey[],
  place: readonly PropertyKey[],
  message: string,
): Problem {
  return { code: 'config-invalid', file, ...yaml.locate(place), key: formatKey(key), message };
}

/** Reduces a failed union to the branch that was most likely meant: the one with the right type of value and the most matching keys. */
function narrowUnion(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const possible = issue.errors.filter(
    (branch) => !branch.some((inner) => inner.path.length === 0 && isWrongKind(inner)),
  );
  const fewest = Math.min(...possible.map(countUnknownKeys));
  const [branch, ...others] = possible.filter((one) => countUnknownKeys(one) === fewest);
  if (!branch || others.length > 0) return [issue];
  return branch.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })).flatMap(narrowUnion);
}

function countUnknownKeys(branch: readonly Issue[]): number {
  const own = branch.flatMap((inner) =>
    inner.code === 'unrecognized_keys' && inner.path.length === 0 ? inner.keys : [],
  );
  return own.length;
}

function isWrongKind(issue: Issue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_value' || issue.code === 'invalid_union';
}

function explain(issue: Issue, root: unknown): string {
  const { message, path } = issue;
  if (issue.code === 'custom') return message;
  const value = valueAt(root, path);
  if (value === undefined) return `is missing; ${message}`;
  if (value === null) return `has no value; ${message}`;
  if (!message.startsWith('must be') || path.some((part) => SECRET_KEYS.has(part))) return message;
  const near =
    issue.code === 'invalid_value' && typeof value === 'string' ? nearest(value, issue.values.map(String)) : undefined;
  return `${message}, not ${show(value)}${near === undefined ? '' : `; did you mean "${near}"?`}`;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function explainUnknown(schema: z.ZodType, root: unknown, path: readonly PropertyKey[], key: string): string {
  const all = mappingsAt(schema, path);
  const meant = meantBy(all, valueAt(root, path));
  const allowed = keysOf(meant);
  const shown = allowed.length > SHOWN_KEYS ? [...allowed.slice(0, SHOWN_KEYS), '…'] : allowed;
  return `"${key}" is not known here${adviseOn(key, { schema, path, all, meant })} (allowed: ${shown.join(', ')})`;
}

interface UnknownKey {
  readonly schema: z.ZodType;
  readonly path: readonly PropertyKey[];
  /** All kinds of mapping that are allowed there. */
  readonly all: readonly z.ZodObject[];
  /** The kinds that were most likely meant. */
  readonly meant: readonly z.ZodObject[];
}

/** Prefers a key of the intended kind, then one of another kind, then one of another section. */
function adviseOn(key: string, { schema, path, all, meant }: UnknownKey): string {
  const near = nearest(key, keysOf(meant));
  if (near !== undefined) return `; did you mean "${near}"?`;
  const others = all
    .filter((mapping) => Object.hasOwn(mapping.shape, key))
    .flatMap((mapping) => ownKeyOf(mapping, all) ?? []);
  const own = meant[0] && ownKeyOf(meant[0], all);
  if (others.includes(key) && own !== undefined) return `; use "${own}" or "${key}", not both`;
  if (others.length > 0) {
    const quoted = others.map((other) => `"${other}"`);
    return `; it goes with ${listWords(quoted, 'or')}`;
  }
  const elsewhere = nearest(key, keysOf(all));
  if (elsewhere !== undefined) return `; did you mean "${elsewhere}"?`;
  const home = sectionOf(schema, path, key);
  return home === undefined ? '' : `; it belongs under "${home}"`;
}

/** The key that identifies a kind of mapping: the first one that no other kind has. */
function ownKeyOf(mapping: z.ZodObject, all: readonly z.ZodObject[]): string | undefined {
  const others = all.filter((other) => other !== mapping);
  return Object.keys(mapping.shape).find((key) => !others.some((other) => Object.hasOwn(other.shape, key)));
}

/** The section of the file in which the key is allowed. */
function sectionOf(schema: z.ZodType, path: readonly PropertyKey[], key: string): string | undefined {
  const sections = keysOf(mappingsAt(schema, []));
  if (sections.includes(key) && path.length > 0) return 'the top of the file';
  return sections.find((section) => section !== path[0] && keysOf(mappingsAt(schema, [section])).includes(key));
}

function mappingsAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly z.ZodObject[] {
  let candidates = unwrap(schema);
  for (const part of path) {
    candidates = candidates.flatMap((candidate) => {
      const child = childOf(candidate, part);
      return child instanceof z.ZodType ? unwrap(child) : [];
    });
  }
  return candidates.filter((candidate) => candidate instanceof z.ZodObject);
}

/** The kinds of mapping that the value most likely means: by its `type`, else those that know most of its keys. */
function meantBy(all: readonly z.ZodObject[], value: unknown): readonly z.ZodObject[] {
  const typed = all.filter((mapping) => mapping.shape['type']?.safeParse(valueAt(value, ['type'])).success);
  if (typed.length > 0 || typeof value !== 'object' || value === null) return typed.length > 0 ? typed : all;
  const unknownIn = (mapping: z.ZodObject) =>
    Object.keys(value).filter((key) => !Object.hasOwn(mapping.shape, key)).length;
  const fewest = Math.min(...all.map(unknownIn));
  const closest = all.filter((mapping) => unknownIn(mapping) === fewest);
  const named = closest.filter((mapping) => Object.hasOwn(value, ownKeyOf(mapping, all) ?? ''));
  return named.length > 0 ? named : closest;
}

function keysOf(mappings: readonly z.ZodObject[]): string[] {
  return [...new Set(mappings.flatMap((mapping) => Object.keys(mapping.shape)))];
}

function childOf(candidate: z.ZodType, part: PropertyKey): unknown {
  if (candidate instanceof z.ZodObject) return candidate.shape[String(part)];
  if (candidate instanceof z.ZodRecord) return candidate.valueType;
  return candidate instanceof z.ZodArray ? candidate.element : undefined;
}

function unwrap(schema: z.ZodType): z.ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    const inner: unknown = schema.unwrap();
    return inner instanceof z.ZodType ? unwrap(inner) : [];
  }
  if (schema instanceof z.ZodPipe) return schema.in instanceof z.ZodType ? unwrap(schema.in) : [];
  if (schema instanceof z.ZodUnion)
    return schema.options.flatMap((option) => (option instanceof z.ZodType ? unwrap(option) : []));
  return [schema];
}
