import { expect, test } from 'vitest';
import { loadDrills } from '../../src/config/load-drills.ts';
import { drillText, problemsOf, workspace } from './loading.ts';

const labeled = (labels: string) => drillText({ race: `labels: ${labels}` });

test('reads labels without changing what is drilled', async () => {
  const cwd = await workspace({
    'drills/orders.yaml': labeled('{ service: payments, cost-centre: "4711" }'),
    'other/orders.yaml': drillText({}),
  });
  const [drill] = await loadDrills(['drills/orders.yaml'], { cwd, env: {} });
  const [plain] = await loadDrills(['other/orders.yaml'], { cwd, env: {} });
  expect(drill?.labels).toEqual({ service: 'payments', 'cost-centre': '4711' });
  expect(drill?.definitionHash).toBe(plain?.definitionHash);
});

test.each([
  ['[payments]', 'labels: must be a mapping such as { service: payments }'],
  ['{ service: 4711 }', 'labels.service: must be text such as payments, not 4711'],
  ['{ service: "" }', 'labels.service: is empty; must be text such as payments'],
  ['{ Service: payments }', 'labels.Service: is not a label: a label’s name is 1 to 63 lower-case letters'],
  [`{ service: ${'x'.repeat(101)} }`, 'labels.service: is longer than 100 characters'],
])('refuses %s', async (labels, problem) => {
  const [first = '', ...others] = await problemsOf({ 'drills/orders.yaml': labeled(labels) });
  expect(first).toContain(problem);
  expect(others).toEqual([]);
});
