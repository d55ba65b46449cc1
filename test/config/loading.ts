import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type LoadOptions, readDrills } from '../../src/config/load-drills.ts';
import { formatProblem } from '../../src/config/problem.ts';

/** A directory of its own with these files, removed after the test. */
export async function workspace(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const cwd = await mkdtemp(join(tmpdir(), 'firedrill-config-'));
  onTestFinished(() => rm(cwd, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, path)), { recursive: true });
    await writeFile(join(cwd, path), content);
  }
  return cwd;
}

/** Loads files, all of them drills but those that do not end in .yaml, and gives what is wrong as lines. */
export async function problemsOf(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: Partial<LoadOptions> = {},
): Promise<string[]> {
  const cwd = await workspace(files);
  const paths = Object.keys(files).filter((path) => path.endsWith('.yaml'));
  const { problems } = await readDrills(paths, { cwd, env: {}, ...options });
  return problems.map((problem) => formatProblem(problem).replaceAll(cwd, 'CWD'));
}

/** A drill that is right, as lines: a test changes or adds one. */
const LINES = {
  name: 'name: orders',
  backup: "backup: { source: s3://acme/orders/, match: 'orders-*.dump' }",
  engine: 'engine: { type: postgres }',
  objectives: 'objectives: { rto: 15m }',
  checks: 'checks: [{ name: customers, sql: select max(id) from customer, expect: { min: 599 } }]',
} as const;

/** @param changes in place of a line; `undefined` leaves it out; other keys are added at the end. */
export function drillText(changes: Readonly<Record<string, string | undefined>> = {}): string {
  const lines: Record<string, string | undefined> = { ...LINES, ...changes };
  return `${Object.values(lines)
    .filter((line) => line !== undefined)
    .join('\n')}\n`;
}

/** A drill whose only check expects this, written in YAML. */
export function drillExpecting(expect: string, sql = 'select max(id) from customer'): string {
  return drillText({ checks: `checks:\n  - name: customers\n    sql: ${sql}\n    expect: ${expect}` });
}
