import { expect, test } from 'vitest';
import { loadDrills } from '../../src/config/load-drills.ts';
import { drillText, problemsOf, workspace } from './loading.ts';

const racing = (race: string) => drillText({ race: `race: ${race}` });
const other = drillText({ name: 'name: orders-physical' });

test('names other drills, possibly along with the drill itself', async () => {
  const cwd = await workspace({
    'drills/orders.yaml': racing('[orders, orders-physical]'),
    'drills/other.yaml': other,
  });
  const [drill] = await loadDrills(['drills/orders.yaml'], { cwd, env: {} });
  expect(drill?.race).toEqual(['orders-physical']);
});

test('finds them next to the file, and in the directory of drills', async () => {
  const cwd = await workspace({
    'elsewhere/orders.yaml': racing('[near, far]'),
    'drills/far.yaml': drillText({ name: 'name: far' }),
    'elsewhere/near.yaml': drillText({ name: 'name: near' }),
  });
  const [drill] = await loadDrills(['elsewhere/orders.yaml'], { cwd, env: {} });
  expect(drill?.race).toEqual(['near', 'far']);
});

test.each([
  ['[]', '6:1: race: is empty: name the drill to race with'],
  ['orders-physical', 'race: must be a list of names of drills, such as [orders-physical], not "orders-physical"'],
  ['[orders]', 'race: names only this drill: name another to race with'],
  ['[orders-physical, orders-physical]', 'race: names a drill twice'],
  [
    '[orders-phisical]',
    '6:8: race: there is no drill "orders-phisical" in drills or beside this one; did you mean "orders-physical"?',
  ],
])('refuses %s', async (race, problem) => {
  const [first = '', ...others] = await problemsOf({ 'drills/orders.yaml': racing(race), 'drills/other.yaml': other });
  expect(first).toContain(problem);
  expect(others).toEqual([]);
});
