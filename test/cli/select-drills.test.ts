import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type DrillSelection, selectDrills } from '../../src/cli/select-drills.ts';
import { Redactor } from '../../src/support/redact.ts';
import { createToolbox } from '../../src/wiring.ts';
import { drillText } from '../config/loading.ts';
import { makeWorkspace } from '../support/cli.ts';
import { memoryIo } from './memory-io.ts';

let workspace: Awaited<ReturnType<typeof makeWorkspace>>;
beforeEach(async () => {
  workspace = await makeWorkspace();
  await mkdir(join(workspace.directory, 'drills'));
  for (const [name, service] of [
    ['orders', 'payments'],
    ['ledger', 'payments'],
    ['shop', 'web'],
  ]) {
    const text = `${drillText({ name: `name: ${name}` })}\nlabels: { service: ${service} }\n`;
    await writeFile(join(workspace.directory, `drills/${name}.yaml`), text);
  }
});
afterEach(() => workspace[Symbol.asyncDispose]());

async function select(patterns: readonly string[], selection: Partial<DrillSelection>): Promise<readonly string[]> {
  const tools = createToolbox(memoryIo(workspace.directory), new Redactor());
  const settings = await tools.loadSettings(undefined);
  const { drills } = await selectDrills(tools, settings, patterns, { all: false, as: undefined, ...selection });
  return drills.map(({ name }) => name);
}

it('selects all drills with a label, or those of the named ones that have it', async () => {
  expect(await select([], { label: { service: 'payments' } })).toEqual(['ledger', 'orders']);
  expect(await select(['orders', 'shop'], { label: { service: 'payments' } })).toEqual(['orders']);
});

it('refuses a label that no drill has, listing the existing ones', async () => {
  await expect(select([], { label: { service: 'mail' } })).rejects.toMatchObject({
    code: 'usage',
    message: 'no drill matches service=mail',
    hint: 'These labels are set: service=payments, service=web.',
  });
});

it.each([
  ['a label', [], { label: { service: 'web' } }],
  ['named drills', ['orders'], {}],
] as const)('refuses --all with %s', async (_what, patterns, more) => {
  await expect(select(patterns, { all: true, ...more })).rejects.toMatchObject({ code: 'usage' });
});
