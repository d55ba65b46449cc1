import { expect, it } from 'vitest';
import { readStandings } from '../../src/status/read-standings.ts';
import { databaseFinding, discoveryOf, seriesFinding } from '../support/discoveries.ts';
import { FakeDashboard } from './fake-dashboard.ts';

it('shows what no drill covers, escaped, what one covers, and what could not be listed', async () => {
  const filled = await new FakeDashboard().fill();
  const findings = [
    seriesFinding({ match: '<b>crm-*.sql' }),
    databaseFinding(),
    seriesFinding({ match: 'x', state: 'covered' }),
  ];
  const problems = [{ where: 's3://old/', message: 'access denied', hint: undefined, isError: true }];
  const discovery = discoveryOf(findings, { problems });
  const standings = async () => ({
    ...(await readStandings(filled.store, filled.drills, filled.now)),
    broken: [],
    discovery,
  });
  const dashboard = new FakeDashboard({ standings }, filled.store);
  const text = await (await dashboard.ask('/coverage')).text();
  expect(text).toContain('<h1>1 series of backups and 1 database are not covered by any drill</h1>');
  expect(text).toContain('&lt;b&gt;crm-*.sql');
  expect(text).not.toContain('<b>crm');
  expect(text).toContain('Could not list s3://old/: access denied');
  expect(text.match(/<tr role="row"><th scope="row"/g)).toHaveLength(3);
  expect(await (await dashboard.ask('/')).text()).toMatch(/href="\/coverage"><strong>2<\/strong> not covered/);
});

it('says how to search for backups when nobody has done so', async () => {
  expect(await (await new FakeDashboard().ask('/coverage')).text()).toContain('<code>firedrill discover</code>');
});
