import { readFile, writeFile } from 'node:fs/promises';
import { MUTATIONS } from './damages.ts';
import type { StoredResults } from './results.ts';

const PAGE = new URL('../../docs/testing.md', import.meta.url);
const BEGIN = '<!-- mutations: written by npm run mutations -->';
const END = '<!-- /mutations -->';

/** In the order of the table's columns. */
const KINDS = [
  'sql',
  'tables',
  'rows',
  'freshness',
  'integrity',
  'headroom',
  'schema',
  'compare',
  'latency',
  'command',
  'fingerprint',
] as const;

/** `✔`: caught wherever it was tried; `some`: on some servers or samples; `shown`: passed, but shown; `–`: not caught. */
export function renderTable(results: StoredResults): string {
  const rows = MUTATIONS.map(({ title }) => [title, ...KINDS.map((kind) => cellOf(results, title, kind))]);
  const lines = [['damage', ...KINDS.map((kind) => `\`${kind}\``)], ['---', ...KINDS.map(() => ':-:')], ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function cellOf(results: StoredResults, title: string, kind: string): string {
  const rulings = Object.values(results).flatMap((damages) => damages[title]?.[kind] ?? []);
  const caught = rulings.filter((ruling) => ruling === 'caught').length;
  if (rulings.length > 0 && caught === rulings.length) return '✔';
  if (caught > 0) return 'some';
  return rulings.includes('shown') ? 'shown' : '–';
}

export async function readTable(): Promise<string> {
  const [, rest = ''] = (await readFile(PAGE, 'utf8')).split(`${BEGIN}\n`);
  return rest.split(END)[0]?.trimEnd() ?? '';
}

export async function updateTable(results: StoredResults): Promise<void> {
  const text = await readFile(PAGE, 'utf8');
  const [before, rest] = text.split(`${BEGIN}\n`);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`docs/testing.md has no ${BEGIN}`);
  await writeFile(PAGE, `${before}${BEGIN}\n${renderTable(results)}\n${END}${after}`);
}
