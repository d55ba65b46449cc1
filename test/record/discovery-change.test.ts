import { expect, test } from 'vitest';
import { compareDiscoveries } from '../../src/record/discovery-change.ts';
import type { DiscoveryRecord, Finding } from '../../src/record/discovery-store.ts';
import { databaseFinding, discoveryOf, seriesFinding } from '../support/discoveries.ts';

const CRM = seriesFinding({ match: 'crm-*.sql', state: 'not-covered' });
const SHOP = seriesFinding({ match: 'shop-*.sql', state: 'covered' });
const WIKI = databaseFinding({ name: 'wiki', state: 'no-backup' });

function look(findings: readonly Finding[], more: Partial<DiscoveryRecord> = {}): DiscoveryRecord {
  return discoveryOf(findings, more);
}

test('lists new and closed gaps', () => {
  const first = compareDiscoveries(look([CRM, SHOP]), undefined);
  expect(first.newGaps).toEqual(['s3://acme/ crm-*.sql']);
  const second = compareDiscoveries(look([{ ...CRM, state: 'covered' }, SHOP, WIKI]), first);
  expect(second.newGaps).toEqual(['database wiki on postgres://db1']);
  expect(second.closedGaps).toEqual(['s3://acme/ crm-*.sql']);
});

test('does not count as closed what could not be inspected', () => {
  const first = compareDiscoveries(look([CRM, WIKI]), undefined);
  const problems = ['s3://acme/', 'postgres://db1'].map((where) => ({
    where,
    message: 'down',
    hint: undefined,
    isError: true,
  }));
  const inDump = databaseFinding({ name: 'wiki', server: undefined, state: 'not-covered', foundIn: ['s3://b/all-*'] });
  const second = compareDiscoveries(look([inDump], { problems }), first);
  expect(second.newGaps).toEqual([]);
  expect(second.closedGaps).toEqual([]);
  expect(second.findings).toEqual([CRM, WIKI]);
});

test('does not count a drill that never passed as a gap, because its own state shows that', () => {
  expect(compareDiscoveries(look([{ ...SHOP, state: 'never-passed' }]), undefined).newGaps).toEqual([]);
});

const NOWHERE = { whole: [], narrowed: [], alone: [] };

test('keeps the findings in other buckets when they cannot be listed', () => {
  const other = seriesFinding({ source: 's3://other/', match: 'erp-*.sql' });
  const dumped = databaseFinding({ server: undefined, state: 'not-covered', foundIn: ['s3://other/erp-*.sql'] });
  const local = seriesFinding({ source: '/srv/b/' });
  const first = compareDiscoveries(look([CRM, other, dumped, local]), undefined);
  const reach = { ...NOWHERE, whole: ['s3://acme/', '/srv/b/'], alone: ['s3://acme/'] };
  const second = compareDiscoveries(look([]), first, reach);
  expect(second.findings).toEqual([other, dumped]);
  expect(second.closedGaps).toEqual(['s3://acme/ crm-*.sql', '/srv/b/ crm-*.sql']);
  const third = compareDiscoveries(look([]), second, { ...NOWHERE, whole: ['s3://acme/', '/srv/b/'] });
  expect(third.closedGaps).toEqual(['s3://other/ erp-*.sql', 'database wiki in s3://other/erp-*.sql']);
});

test('keeps findings outside the folders that a narrower search reaches', () => {
  const above = ['shop/db-*.sql', 'shop/old-*.sql', 'crm/db-*.sql'].map((match) => seriesFinding({ match }));
  const first = compareDiscoveries(look(above), undefined);
  const shop = seriesFinding({ source: 's3://acme/shop/', match: 'db-*.sql' });
  const reach = { ...NOWHERE, whole: ['s3://acme/shop/'], narrowed: ['s3://acme/'] };
  const second = compareDiscoveries(look([shop]), first, reach);
  expect(second.findings).toEqual([shop, above[2]]);
  expect(second.newGaps).toEqual([]);
  expect(second.closedGaps).toEqual(['s3://acme/ shop/old-*.sql']);
});

test('keeps findings below a location that cannot be read now', () => {
  const first = compareDiscoveries(look([seriesFinding({ source: 's3://acme/shop/' })]), undefined);
  const problems = [{ where: 's3://acme/', message: 'down', hint: undefined, isError: true }];
  expect(compareDiscoveries(look([], { problems }), first).closedGaps).toEqual([]);
});
