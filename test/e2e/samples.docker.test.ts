import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { makeDrillWorkspace } from '../support/cli-drill.ts';

/** The samples are unchanged except for their images: those of the products are not available here. */
describe.skipIf(!inject('dockerAnswers'))('a sample drill', () => {
  it.each([
    ['shop-redis', 'firedrill-test/systems:13'],
    ['shop-etcd', 'firedrill-test/systems:13'],
    ['shop-clickhouse', 'firedrill-test/clickhouse-local:26.7'],
  ])('%s passes', async (name, image) => {
    await using workspace = await makeDrillWorkspace({ FIREDRILL_RUNTIME: 'docker' });
    cpSync(join('drills', name), join(workspace.directory, name), { recursive: true });
    const {
      sandbox,
      engine,
      runbook: _runbook,
      ...drill
    } = parse(readFileSync(join('drills', `${name}.yaml`), 'utf8'));
    const { runtime: _runtime, ...limits } = sandbox;
    const { version: _version, ...product } = engine;
    await workspace.writeDrill({ ...drill, sandbox: limits, engine: { ...product, image } });
    const { run, stdout } = await workspace.drill();
    expect(stdout).not.toMatch(/FAILED|ERROR/);
    expect([run.status, run.verdict]).toEqual(['completed', 'passed']);
  });
});
