import { type Document, isCollection, isNode, isScalar, type Node, type Pair, visit, type YAMLError } from 'yaml';

export interface Position {
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
}

export interface Finding {
  readonly at: Position;
  readonly message: string;
  /** Whether the meaning of the text is too unclear for further checks. */
  readonly fatal: boolean;
}

type PositionAt = (offset: number) => Position;

/** Finds YAML problems in the document, with messages that say what to do. */
export function findProblems(document: Document.Parsed, text: string, positionAt: PositionAt): Finding[] {
  const found: Finding[] = [...document.errors, ...document.warnings].map((error) => ({
    at: positionAt(error.pos[0]),
    message: explain(error, document, text, positionAt),
    fatal: error.code !== 'DUPLICATE_KEY',
  }));
  const add = (node: Node, message: string) => found.push({ at: positionAt(rangeStart(node)), message, fatal: true });
  visit(document, {
    Pair(_, { key }) {
      if (isCollection(key)) add(key, 'a key must be plain text, not a list or a mapping');
    },
    Alias(_, alias) {
      if (!alias.resolve(document)) add(alias, `no anchor "&${alias.source}" precedes this alias`);
    },
  });
  const version = document.directives.yaml;
  if (version.explicit && version.version !== '1.2') {
    const message = `YAML ${version.version} reads some values differently; leave the %YAML line out for 1.2`;
    found.push({ at: { line: 1, column: 1 }, message, fatal: true });
  }
  return found;
}

/** Uses the parser's message if it is clear enough, and our own if it would not help the user. */
function explain(error: YAMLError, document: Document.Parsed, text: string, positionAt: PositionAt): string {
  const firstLine = error.message.split('\n')[0] ?? '';
  switch (error.code) {
    case 'DUPLICATE_KEY': {
      const first = findFirstKeyAt(document, error.pos[0]);
      const key = /^[^\s:]+/.exec(text.slice(error.pos[0]))?.[0] ?? 'this key';
      return `"${key}" appears twice${first === undefined ? '' : `; it is first given on line ${positionAt(first).line}`}`;
    }
    case 'RESOURCE_EXHAUSTION':
      return 'is nested too deeply';
    case 'TAB_AS_INDENT':
      return 'a tab is used as indentation; YAML takes spaces only';
    case 'MULTIPLE_DOCS':
      return 'a second YAML document starts here; a file holds exactly one';
    case 'TAG_RESOLVE_FAILED':
      return `${firstLine.replace(/^Unresolved tag: /, 'the tag ')} is not known here; leave it out`;
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'there is a second ": " on this line; quote text that contains ": "';
    case 'BAD_SCALAR_START':
      return `${firstLine}; put quotes around the text`;
    default:
      return `is not valid YAML here: ${firstLine}`;
  }
}

/** The offset of the first of two duplicate keys, given that of the second. */
function findFirstKeyAt(document: Document.Parsed, offset: number): number | undefined {
  let firstKeyAt: number | undefined;
  visit(document, {
    Map(_, map) {
      const second = map.items.find((pair) => isNode(pair.key) && rangeStart(pair.key) === offset);
      if (!second) return undefined;
      const first = map.items.find((pair) => keyText(pair) === keyText(second));
      if (first && isNode(first.key)) firstKeyAt = rangeStart(first.key);
      return visit.BREAK;
    },
  });
  return firstKeyAt;
}

export function keyText(pair: Pair): string | undefined {
  return isScalar(pair.key) ? String(pair.key.value) : undefined;
}

export function rangeStart(node: Node): number {
  return node.range?.[0] ?? 0;
}
