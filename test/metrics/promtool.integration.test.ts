import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa, execaSync } from 'execa';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { makeWorkspace } from '../support/cli.ts';
import { fullFacts } from './facts.ts';
import { dashboardExpressions, RULE_TESTS, RULES } from './ops-files.ts';

/** Prometheus' own tool (Debian: `prometheus`) checks the files that are meant for Prometheus. */
const hasPromtool = !execaSync('promtool', ['--version'], { reject: false }).failed;
if (!hasPromtool) {
  if (process.env['CI'] === 'true') throw new Error('promtool is missing, and under CI=true its tests must run');
  process.stderr.write(
    '\nSKIPPED: promtool is missing, so nobody looks at alert rules and metrics. Debian has it in `prometheus`.\n\n',
  );
}

async function promtool(argv: readonly string[], input = '') {
  const { exitCode, all } = await execa('promtool', argv, { input, all: true, reject: false });
  return { exitCode, all };
}

describe.skipIf(!hasPromtool)('promtool', () => {
  it('accepts names, types and help of /metrics', async () => {
    const text = await createMetrics('0.1.0').render(fullFacts());
    expect(await promtool(['check', 'metrics'], text)).toEqual({ exitCode: 0, all: '' });
  });

  it('accepts the alert rules', async () => {
    expect(await promtool(['check', 'rules', RULES])).toMatchObject({ exitCode: 0 });
  });

  it('sees each alert fire and stay silent as its tests expect', async () => {
    const { exitCode, all } = await promtool(['test', 'rules', RULE_TESTS]);
    expect([exitCode, all]).toEqual([0, expect.stringContaining('SUCCESS')]);
  });

  it('accepts every expression of the dashboard', async () => {
    const rules = dashboardExpressions().map((expr, index) => ({ record: `panel:${index}`, expr }));
    await using workspace = await makeWorkspace();
    const file = join(workspace.directory, 'dashboard.yml');
    await writeFile(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] })); // JSON is valid YAML
    expect(await promtool(['check', 'rules', file])).toMatchObject({ exitCode: 0 });
  });
});
