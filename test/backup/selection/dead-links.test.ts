import { describe, expect, it } from 'vitest';
import { deadLinkMatcher, warnDeadLinks, withDeadLinks } from '../../../src/backup/selection/dead-links.ts';
import type { DeadLink } from '../../../src/backup/source.ts';
import { DrillError } from '../../../src/support/errors.ts';

const WHERE = '/backups';

const gone = (key: string): DeadLink => ({ key, why: 'dangling' });
const outside = (key: string): DeadLink => ({ key, why: 'outside' });

describe('links that nothing can be read through', () => {
  it.each([
    ['shop-*.dump', 'shop-2026-12-01.dump', true],
    ['shop-*.dump', 'orders-2026-12-01.dump', false],
    ['shop-*.dump', 'current', false],
    ['current/*.dump', 'current', true],
    ['*/daily/*.dump', 'shop/daily', true],
    ['*/daily/*.dump', 'shop/weekly', false],
    ['**/*.dump', 'a/b/c.dump', true],
    ['*.dump', 'a/b.dump', false],
    ['./', 'latest', false],
    ['/', 'latest', false],
    ['site/', 'site', true],
    ['./site//*.tar', 'site', true],
    ['{a/b,c}/*.(dump|sql', 'x', false],
    ['a[/]*+(', 'x', false],
  ])('count for %s: %s %s', (match, key, counts) => {
    expect(deadLinkMatcher(match)(gone(key))).toBe(counts);
  });

  it('are named in a warning, one by name and many by number', () => {
    expect(warnDeadLinks([], WHERE)).toEqual([]);
    expect(warnDeadLinks([gone('a\u001b.dump')], WHERE)).toEqual([
      expect.stringMatching(/^a\S+\.dump was left out: it is a link to something that does not exist$/),
    ]);
    const links = [outside('a.dump'), outside('b.dump'), gone('c.dump')];
    expect(warnDeadLinks(links, WHERE)).toEqual([
      expect.stringMatching(/^3 links .* a\.dump, .* outside of \/backups$/),
    ]);
  });

  it('explain why there is no backup, and no other error', () => {
    const missing = new DrillError('backup-missing', 'no backup matches', { hint: 'There are none.' });
    const explained = withDeadLinks(missing, [outside('current')], WHERE);
    expect(explained).toMatchObject({ code: 'backup-missing', message: 'no backup matches' });
    expect(explained).toMatchObject({ hint: expect.stringContaining('current is a link to a place outside') });
    expect(withDeadLinks(missing, [], WHERE)).toBe(missing);
    const empty = new DrillError('backup-empty', 'it has 0 bytes', { hint: 'Check the job.' });
    expect(withDeadLinks(empty, [gone('current')], WHERE)).toBe(empty);
  });
});
