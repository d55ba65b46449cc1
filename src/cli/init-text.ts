import { stringify } from 'yaml';
import { ENGINE_DESCRIPTORS, type EngineType } from '../engines/registry.ts';
import type { InitAnswers } from './init-questions.ts';

/** Drafts a drill file with comments from the answers. */
export function draftDrill(answers: InitAnswers): string {
  const { engine, database, rpo } = answers;
  const objectives = flow({ rto: answers.rto, ...(rpo === '' ? {} : { rpo }) });
  const engineKeys = flow({ type: engine, ...(database === '' ? {} : { database }) });
  return `# yaml-language-server: $schema=./drill.schema.json
name: ${quote(answers.name)}
backup:
  source: ${quote(answers.source)}${answers.source.startsWith('.') ? ' # relative to this file' : ''}
  match: ${quote(answers.match)}
  # takenAt: name # when each was taken is read from a date in its name, instead of when it was stored
engine: ${engineKeys}
# Recovery that takes longer than rto fails the drill${rpo === '' ? '' : ', and so does a newest backup older than rpo'}.
objectives: ${objectives}
# Each check is able to fail. Raise the numbers to what you know must be there, and add what your users would miss first.
checks:
${checks(answers)}# Also common: newest data is recent when the backup was taken.
#  - name: newest order is recent
#    sql: select max(placed_at) from orders
#    expect: { newerThan: 26h }
# runbook: runbooks/${answers.name}.md # what a person does to recover for real
`;
}

function checks({ engine, table }: InitAnswers): string {
  const tables = `  - name: tables are there\n    sql: ${quote(ENGINE_DESCRIPTORS[engine].starter.tableCount)}\n    expect: { min: 1 }\n`;
  if (table === '') return tables;
  const sql = `select count(*) from ${quoteIdentifier(engine, table)}`;
  return `${tables}  - name: ${quote(`${table} has rows`)}\n    sql: ${quote(sql)}\n    expect: { min: 1 }\n`;
}

/** `sales.Order` → `sales."Order"`: quotes parts that the server would otherwise read differently. */
function quoteIdentifier(engine: EngineType, table: string): string {
  const mark = ENGINE_DESCRIPTORS[engine].starter.identifierQuote;
  const quotePart = (part: string) =>
    /^[a-z_][a-z0-9_]*$/.test(part) && !RESERVED.has(part) ? part : mark + part.replaceAll(mark, mark + mark) + mark;
  return table.split('.').map(quotePart).join('.');
}

/** Reserved words that are common table names. */
const RESERVED = new Set([
  'order',
  'user',
  'group',
  'table',
  'check',
  'column',
  'default',
  'end',
  'references',
  'grant',
  'select',
  'key',
  'index',
  'condition',
  'rank',
  'groups',
  'window',
  'range',
  'read',
]);

/** The text as YAML on one line, quoted where necessary. */
function quote(text: string): string {
  return stringify(text, { lineWidth: 0 }).trim();
}

/** `{ rto: 15m, rpo: 26h }` */
function flow(mapping: Readonly<Record<string, string>>): string {
  return stringify(mapping, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}
