import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type LoadOptions, readDrills } from '../../src/config/load-drills.ts';
import { formatProblem } from '../../src/config/problem.ts';

/** A temporary directory with these files, removed after the test. */
export async function workspace(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const cwd = await mkdtemp(join(tmpdir(), 'firedrill-config-'));
  onTestFinished(() => rm(cwd, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, path)), { recursive: true });
    await writeFile(join(cwd, path), content);
  }
  return cwd;
}

/** Loads the files that end in .yaml as drills. @returns their problems as lines. */
export async function problemsOf(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: Partial<LoadOptions> = {},
): Promise<string[]> {
  const cwd = await workspace(files);
  const paths = Object.keys(files).filter((path) => path.endsWith('.yaml'));
  const { problems } = await readDrills(paths, { cwd, env: {}, ...options });
  return problems.map((problem) => formatProblem(problem).replaceAll(cwd, 'CWD'));
}

/** A valid drill, as lines: a test changes or adds one. */
const LINES = {
  name: 'name: orders',
  backup: "backup: { source: s3://acme/orders/, match: 'orders-*.dump' }",
  engine: 'engine: { type: postgres }',
  objectives: 'objectives: { rto: 15m }',
  checks: 'checks: [{ name: customers, sql: select max(id) from customer, expect: { min: 599 } }]',
} as const;

/** @param changes replaces lines; `undefined` removes one; other keys are appended. */
export function drillText(changes: Readonly<Record<string, string | undefined>> = {}): string {
  const lines: Record<string, string | undefined> = { ...LINES, ...changes };
  return `${Object.values(lines)
    .filter((line) => line !== undefined)
    .join('\n')}\n`;
}

/** A drill whose only check has this expectation, written in YAML. */
export function drillExpecting(expect: string, sql = 'select max(id) from customer'): string {
  return drillText({ checks: `checks:\n  - name: customers\n    sql: ${sql}\n    expect: ${expect}` });
}
