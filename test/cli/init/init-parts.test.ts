import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { formatDrillDraft } from '../../../src/cli/drafts/drill-draft.ts';
import { insertChannel } from '../../../src/cli/init/add-channel.ts';
import type { InitAnswers } from '../../../src/cli/init/ask-all.ts';
import { draftOf } from '../../../src/cli/init/draft-of.ts';
import { proposeSchedule } from '../../../src/cli/init/propose-schedule.ts';
import { settingsSchema } from '../../../src/config/settings-schema.ts';
import { CHANNEL_KINDS, CHANNEL_TYPES } from '../../../src/notify/channel-registry.ts';

const HOUR_MS = 3_600_000;

describe('the proposed schedule', () => {
  const newestAt = new Date('2026-11-28T02:10:00Z');
  it.each([
    ['an hour after the backup of every night', 24 * HOUR_MS, '10 3 * * *'],
    ['at night where backups come every hour', HOUR_MS, '30 3 * * *'],
    ['for each new backup where they come weekly', 168 * HOUR_MS, 'new-backup'],
    ['at night where there are too few to tell', undefined, '30 3 * * *'],
  ])('is %s', (_, intervalMs, expected) => {
    expect(proposeSchedule({ newestAt, intervalMs })).toBe(expected);
  });
});

describe('a channel for alerts', () => {
  it('is added to settings without changing their other lines and comments', () => {
    const text = '# ours\nimages:\n  postgres:17: mirror/postgres:17 # mirror\nnotify:\n  reminders: off\n';
    const { text: added } = insertChannel(text, 'slack', { type: 'slack', url: '${URL}' });
    expect(added).toContain('  postgres:17: mirror/postgres:17 # mirror\n');
    expect(parse(added)).toMatchObject({ notify: { reminders: 'off', channels: { slack: { url: '${URL}' } } } });
  });

  it.each([
    ['with a comment at its end', 'images: { a: b } # mirror'],
    ['with CRLF and wide indents', 'images:\r\n    a: b\r\n'],
    ['of comments alone', '# none yet\n'],
  ])('leaves a file %s as it is, and is appended to it', (_, text) => {
    const { text: added } = insertChannel(text, 'slack', { type: 'slack', url: '${URL}' });
    expect(added.startsWith(text)).toBe(true);
    expect(parse(added)).toMatchObject({ notify: { channels: { slack: { type: 'slack' } } } });
    expect(added.replaceAll('\r\n', '')).not.toContain(text.includes('\r') ? '\n' : '\r');
  });

  it('never replaces another channel', () => {
    const text = 'notify:\n  channels:\n    slack: { type: slack, url: "${PROD}" } # on call\n';
    const { name, text: added } = insertChannel(text, 'slack', { type: 'slack', url: '${URL}' });
    expect(name).toBe('slack-2');
    expect(added).toContain('# on call');
    expect(parse(added).notify.channels).toMatchObject({ slack: { url: '${PROD}' }, 'slack-2': { url: '${URL}' } });
  });

  it.each(CHANNEL_TYPES)('of type %s starts with keys that the settings accept', (type) => {
    const { text } = insertChannel('', type, { type, ...CHANNEL_KINDS[type].starter });
    expect(settingsSchema.safeParse(parse(text)).error?.issues ?? []).toEqual([]);
  });
});

describe('a drill from answers', () => {
  const answers: InitAnswers = {
    ...{ source: './b', sourceKeys: {}, match: '*.dump', series: undefined, engine: 'postgres', key: undefined },
    ...{
      name: 'orders',
      rto: '15m',
      rpo: '-',
      schedule: '-',
      channel: '-',
      database: '',
      table: '',
      isRestored: false,
    },
  };
  const place = { directory: '/srv/app/drills', cwd: '/srv/app', now: new Date('2026-11-28T04:00:00Z') };
  const draft = (changed: Partial<InitAnswers>) => parse(formatDrillDraft(draftOf({ ...answers, ...changed }, place)));

  it.each<[string, Partial<InitAnswers>, object]>([
    ['a name that YAML would read as a number', { name: '0123' }, { name: '0123' }],
    ['a pattern that YAML would read as an alias', {}, { backup: { source: '../b', match: '*.dump' } }],
    ['a database with a comma and a brace', { database: 'a, b}' }, { engine: { type: 'postgres', database: 'a, b}' } }],
    ['a key in a file', { key: 'backup.key' }, { backup: { keys: [{ file: '../backup.key' }] } }],
    ['a key in a variable', { key: 'BACKUP_KEY' }, { backup: { keys: [{ env: 'BACKUP_KEY' }] } }],
    [
      'an S3-compatible store',
      { source: 's3://acme/', sourceKeys: { endpoint: 'https://s3' } },
      { backup: { source: { url: 's3://acme/', endpoint: 'https://s3' } } },
    ],
    [
      'a table with a reserved name',
      { table: 'Sales.order' },
      { checks: [{}, { sql: 'select count(*) from "Sales"."order"' }] },
    ],
    [
      'a table with quotes',
      { engine: 'mariadb', table: 'my`t' },
      { checks: [{}, { sql: 'select count(*) from `my``t`' }] },
    ],
    ['a schedule', { schedule: 'new-backup' }, { schedule: { on: 'new-backup' } }],
  ])('has %s', (_, changed, expected) => {
    expect(draft(changed)).toMatchObject(expected);
  });

  it('does not mention what was left out', () => {
    expect(Object.keys(draft({}))).toEqual(['name', 'backup', 'engine', 'objectives', 'checks']);
    expect(draft({}).objectives).toEqual({ rto: '15m' });
  });
});
