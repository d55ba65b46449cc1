import { StringDecoder } from 'node:string_decoder';
import { toPrintable } from '../../support/printable.ts';
import { EngineError } from './engine-errors.ts';

/** In characters. Lines of progress and of events are a hundredth of it. */
const MAX_LINE = 64 * 1024;
const SHOWN = 80;

/**
 * Reads a stream of JSON objects, one on each line, as the engine sends progress and events. What follows the last line end is left out: the
 * connection broke within a line.
 * @returns takes the next piece of the stream. Throws an EngineError `engine-unreachable` when a line is something else, or too long.
 */
export function readJsonLines(onObject: (object: JsonObject) => void): (piece: Buffer) => void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return (piece) => {
    const lines = (rest + decoder.write(piece)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') onObject(parse(line));
    if (rest.length > MAX_LINE) throw explain(rest);
  };
}

/** Of values that nobody has checked. */
export type JsonObject = Readonly<Record<string, unknown>>;

function parse(line: string): JsonObject {
  let value: unknown;
  try {
    value = line.length > MAX_LINE ? undefined : JSON.parse(line);
  } catch (cause) {
    throw explain(line, cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw explain(line);
  return value as JsonObject;
}

function explain(line: string, cause?: unknown): EngineError {
  return new EngineError('engine-unreachable', `the Docker engine sent a line that is not JSON: ${show(line)}`, {
    hint: 'Check on the engine’s machine that it runs (`docker info`, `journalctl -u docker`), and that no proxy in between changes its answers.',
    cause,
  });
}

function show(line: string): string {
  return toPrintable(line.trim(), SHOWN);
}
