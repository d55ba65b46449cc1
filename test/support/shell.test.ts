import { expect, it } from 'vitest';
import { toShell } from '../../src/support/shell.ts';

it.each([
  [
    ['firedrill', 'run', '/srv/drills/orders.yaml', '--keep', '30m'],
    'firedrill run /srv/drills/orders.yaml --keep 30m',
  ],
  [['firedrill', 'run', '/srv/my drills/a.yaml'], "firedrill run '/srv/my drills/a.yaml'"],
  [['psql', '-d', "it's; rm -rf $HOME"], `psql -d 'it'\\''s; rm -rf $HOME'`],
  [[''], "''"],
])('quotes %j so that each word stays one', (argv, typed) => {
  expect(toShell(argv)).toBe(typed);
});
