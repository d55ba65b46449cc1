import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Problem } from './problem.ts';
import { findProblems, keyText, type Position, rangeStart } from './yaml-findings.ts';

export interface YamlFile {
  /** The mapping as plain values; undefined if the text is not a usable YAML mapping; `problems` says why. */
  readonly value: Readonly<Record<string, unknown>> | undefined;
  readonly problems: readonly Problem[];
  /** The position of a key or an item; for a missing one, that of its nearest existing parent. */
  locate(path: readonly PropertyKey[]): Position;
}

const MAX_FILE_BYTES = 1024 * 1024;
/** Real files alias a value a few times; a "billion laughs" file does so exponentially. */
const MAX_ALIASES = 100;

/**
 * Reads one YAML 1.2 document that must be a mapping. Never throws: anything wrong becomes a problem with a position.
 * @param file the name in messages.
 * @param whenEmpty the value for a file with only comments; undefined: such a file is a problem.
 */
export function readYaml(file: string, bytes: Uint8Array, whenEmpty?: Readonly<Record<string, unknown>>): YamlFile {
  const failed = (message: string, position?: Position): YamlFile => ({
    value: undefined,
    problems: [problemAt(file, position, message)],
    locate: () => position ?? { line: 1, column: 1 },
  });
  if (bytes.length > MAX_FILE_BYTES) return failed(`has ${bytes.length} bytes; at most ${MAX_FILE_BYTES} are read`);
  const text = decode(bytes);
  if (text === undefined) return failed('is not UTF-8 text; save it as UTF-8');
  const counter = new LineCounter();
  const positionAt = (offset: number): Position => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  try {
    const document = parseDocument(text, {
      lineCounter: counter,
      prettyErrors: false,
      version: '1.2',
      logLevel: 'error',
    });
    const findings = findProblems(document, text, positionAt);
    const problems = findings.map(({ at, message }) => problemAt(file, at, message));
    const locate = (path: readonly PropertyKey[]) => positionAt(findOffset(document, path));
    if (findings.some(({ fatal }) => fatal)) return { value: undefined, problems, locate };
    if (document.contents === null) {
      return whenEmpty
        ? { value: whenEmpty, problems, locate }
        : failed('is empty; `firedrill init` writes a first one');
    }
    if (!isMap(document.contents))
      return failed(`must be a mapping of keys, not ${kindOf(document.contents)}`, locate([]));
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }) as Record<string, unknown>, problems, locate };
  } catch (error) {
    return failed(explainThrown(error));
  }
}

function problemAt(file: string, position: Position | undefined, message: string): Problem {
  return { code: 'config-invalid', file, line: position?.line, column: position?.column, key: '', message };
}

/** Strips a byte order mark at the start; does not detect UTF-16. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined; // the caller reports it
  }
}

/** The offset of the last part of the path: the key of a pair, or the item of a list. */
function findOffset(document: Document.Parsed, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = isNode(document.contents) ? rangeStart(document.contents) : 0;
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.findLast((item) => keyText(item) === String(part));
      if (!pair || !isNode(pair.key)) return offset;
      offset = rangeStart(pair.key);
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(part)];
      if (!isNode(item) || isPair(item)) return offset;
      offset = rangeStart(item);
      node = item;
    } else return offset;
  }
  return offset;
}

function kindOf(node: unknown): string {
  if (isSeq(node)) return 'a list';
  return isScalar(node) ? 'a single value' : 'an alias';
}

function explainThrown(error: unknown): string {
  if (error instanceof RangeError) return 'is nested too deeply';
  const message = error instanceof Error ? error.message : String(error);
  if (/alias count/i.test(message)) return `repeats its anchors more than ${MAX_ALIASES} times; write the values out`;
  return `is not valid YAML: ${message.split('\n')[0]}`;
}
