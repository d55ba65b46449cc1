import { z } from 'zod';

/** Names a value in a JSON document (RFC 6901): `/items/0/id`; empty: the whole document. */
export const jsonPointerSchema = z
  .string({ error: 'must be a JSON Pointer such as /items/0/id' })
  .regex(/^(?:\/(?:[^~/]|~[01])*)*$/, {
    error:
      'must be a JSON Pointer: each step after a slash, such as /items/0/id; write ~1 for a slash in a name, ~0 for a tilde',
  });

/** The value that a pointer refers to, as lines of text: numbers with every digit as written, null as nothing. */
export type Pointed =
  | { readonly kind: 'value'; readonly lines: readonly string[] }
  | { readonly kind: 'missing'; readonly why: string };

/**
 * Reads one value of a JSON document. A list becomes a line per item, so that it can be compared with rows; an object, and items that are not simple values,
 * are shown as JSON.
 */
export function readJson(document: string, pointer: string): Pointed {
  let value: unknown;
  try {
    value = JSON.parse(document, keepDigits);
  } catch {
    return { kind: 'missing', why: document.trim() === '' ? 'no output' : 'output that is not JSON' };
  }
  for (const step of stepsOf(pointer)) {
    const found = follow(value, step);
    if (!found) return { kind: 'missing', why: `no value at ${pointer}` };
    [value] = found;
  }
  return { kind: 'value', lines: Array.isArray(value) ? value.map(toText) : [toText(value)] };
}

/** A number exactly as written, so that no digit is lost. */
class WrittenNumber {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
  toJSON(): unknown {
    return Number(this.source);
  }
}

/** ECMAScript passes the source of simple values as a third argument (JSON.parse source text access), which the types do not declare yet. */
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' && context?.source !== undefined ? new WrittenNumber(context.source) : value;
}

function stepsOf(pointer: string): readonly string[] {
  const decode = (step: string) => step.replaceAll('~1', '/').replaceAll('~0', '~');
  return pointer.split('/').slice(1).map(decode);
}

/** @returns the value in a one-element list, because the value itself may be undefined. */
function follow(value: unknown, step: string): readonly [unknown] | undefined {
  if (Array.isArray(value)) {
    const index = /^(?:0|[1-9]\d*)$/.test(step) ? Number(step) : -1;
    return index >= 0 && index < value.length ? [value[index]] : undefined;
  }
  if (typeof value !== 'object' || value === null || value instanceof WrittenNumber) return undefined;
  const own = Object.entries(value).find(([name]) => name === step);
  return own && [own[1]];
}

function toText(value: unknown): string {
  if (value instanceof WrittenNumber) return value.source;
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
