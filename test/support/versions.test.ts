import { describe, expect, it } from 'vitest';
import {
  compareSeries,
  compareVersions,
  isAtLeast,
  seriesLike,
  seriesOf,
  versionIn,
} from '../../src/support/versions.ts';

describe('versions', () => {
  it.each([
    ['postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)', 1, '15.20'],
    ['PostgreSQL 9.6.24 on x86_64-pc-linux-gnu', 1, '9.6.24'],
    ['pg_dump (PostgreSQL) 18beta1', 1, '18beta1'],
    ['17devel', 1, '17devel'],
    ['/usr/sbin/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))', 3, '9.7.4'],
    ['mysqld  Ver 9.7.0-er2 for Linux on x86_64', 3, '9.7.0'],
    ['8.0.36-28.1', 3, '8.0.36'],
    ['mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64', 3, '10.11.19'],
    ['5.5.5-10.11.6-MariaDB-log', 3, '10.11.6'],
    ['5.5.5-m3', 3, '5.5.5'],
    ['10.6.16-11-MariaDB-enterprise', 3, '10.6.16'],
    ['mysql  Ver 15.1 Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64)', 3, '10.11.6'],
    ['Distrib 10.11', 3, undefined],
    ['x86_64', 1, undefined],
    ['no number', 1, undefined],
  ] as const)('finds in %j, of at least %i numbers, %s', (text, numbers, version) => {
    expect(versionIn(text, numbers)).toBe(version);
  });

  it.each([
    ['10.11.6', '10.6', 1],
    ['8.0.9', '8.0.21', -1],
    ['8.0', '8.0.0', 0],
    ['17.11', '9.6.24', 1],
    ['18beta1', '18', 0],
    ['18beta1', '17.11', 1],
    ['8.0.36-28.1', '8.0.36', 0],
    ['10.11.6-MariaDB-0+deb12u1', '10.11.6', 0],
    ['9.7.0-er2', '9.7.1', -1],
    ['latest', '17', -1],
  ])('compares %s with %s number by number: %i', (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
    expect(Math.sign(compareVersions(b, a))).toBe(0 - sign);
    expect(isAtLeast(a, b)).toBe(sign >= 0);
  });

  it.each([
    ['17', '17.11', 0],
    ['9.6', '17', -1],
    ['10.11', '10.6', 1],
    ['18beta1', '18', 0],
    ['8', '8.0.36-28.1', 0],
    ['10', '11.8', -1],
    ['latest', '17', -1],
  ])('compares the series %s with %s over the numbers that both have: %i', (a, b, sign) => {
    expect(Math.sign(compareSeries(a, b))).toBe(sign);
  });

  it.each([
    ['10.11.6-MariaDB', 2, '10.11'],
    ['8.0.36', 2, '8.0'],
    ['17.11', 1, '17'],
    ['18.4.0-beta.17', 2, '18.4'],
    ['18beta1', 1, '18'],
    ['9', 2, '9'],
  ])('%s shortened to %i numbers is %s', (version, numbers, series) => {
    expect(seriesOf(version, numbers)).toBe(series);
  });

  it('a series is shortened to the length of the other one', () => {
    expect(seriesLike('17.5', '16')).toBe('17');
    expect(seriesLike('10.11.6', '11.8')).toBe('10.11');
    expect(seriesLike('8', '9.7')).toBe('8');
  });
});
