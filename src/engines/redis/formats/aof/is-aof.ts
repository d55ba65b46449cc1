import { readRdbHeader } from '../rdb/rdb-header.ts';

/** A file of a multi-part append-only log, whatever `appendfilename` is. */
export const PART = /(?<=^|\/)[^/]+\.(?:\d+\.(?:base\.(?:rdb|aof)|incr\.aof)|aof\.manifest)$/;

/** The same when it was compressed or encrypted by itself. */
const PART_ALONE = /\.(\d+)\.(base|incr)\.(?:rdb|aof)(?:\.\w{1,5})*$/;

/** @returns which part of a log a single file is, judging by its name: its commands cannot be told from a whole log. Undefined: none. */
export function partOf(key: string): string | undefined {
  const [, sequence, kind] = PART_ALONE.exec(key) ?? [];
  if (kind === undefined) return undefined;
  return kind === 'base' ? 'the first part' : `part ${sequence}`;
}

/** Commands in the client protocol, optionally preceded by the time, or a dump whose header announces commands. */
export function isSingleAof(head: Buffer): boolean {
  if (/^(?:#TS:\d{1,20}\r\n)?\*\d{1,10}\r\n\$\d{1,10}\r\n/.test(head.toString('latin1', 0, 100))) return true;
  return readRdbHeader(head)?.fields.get('aof-preamble') === '1';
}

/** Other files in the directory that a server writes to. A server that appends to a log does not load its snapshot. */
const BESIDE = /(?<=^|\/)[^/]+\.(?:rdb|conf|pid|log)$/;

export function isAofTar(names: readonly string[]): boolean {
  return names.some((name) => PART.test(name)) && names.every((name) => PART.test(name) || BESIDE.test(name));
}

export function hasParts(names: Iterable<string>): boolean {
  return [...names].some((name) => PART.test(name) && !name.includes('/'));
}
