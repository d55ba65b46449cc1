import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requireNotify } from '../../src/config/resolve-notify.ts';
import { loadSettings } from '../../src/config/settings.ts';
import { DrillError, formatError } from '../../src/support/errors.ts';
import { Redactor } from '../../src/support/redact.ts';
import { workspace } from './loading.ts';

const SIGNING = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const ENV = {
  SLACK: 'https://hooks.slack.com/services/T0/B0/verysecret',
  SMTP_PASSWORD: 'smtp-password-1',
  PD: 'r0utingkey-r0utingkey-r0utingkey',
  SIGNING,
  HOOK: 'tokentoken',
  PATH: '/bin',
  PAGER: 'of ours',
};

async function settingsOf(text: string, env: Readonly<Record<string, string>> = ENV, files = {}) {
  const cwd = await workspace({ 'firedrill.yaml': text, ...files });
  const redactor = new Redactor();
  return { cwd, redactor, settings: await loadSettings({ cwd, env, redactor }) };
}

async function problemsOf(text: string, env: Readonly<Record<string, string>> = ENV): Promise<string[]> {
  const thrown = await settingsOf(text, env).then(
    ({ settings }) => settings.notify.missing,
    (error: unknown) => error,
  );
  if (!(thrown instanceof DrillError)) return [JSON.stringify(thrown)];
  return [...thrown.details].map((line) => line.replace(/^firedrill\.yaml:\d+:\d+: /, ''));
}

const ALL = `
publicUrl: https://firedrill.example.com/
notify:
  channels:
    chat: { type: slack, url: '\${SLACK}' }
    mail:
      type: email
      host: '\${SMTP_HOST:-mail.example.com}'
      user: firedrill
      password: '\${SMTP_PASSWORD}'
      from: Firedrill <firedrill@example.com>
      to: ['\${OPS:-ops@example.com}', dba@example.com]
    pager: { type: pagerduty, routingKey: { file: secrets/pd } }
    hook: { type: webhook, url: 'https://example.com/in/\${HOOK}', secret: '\${SIGNING}' }
    script: { type: command, argv: [./tell, --loud], env: [PAGER, NOT_SET] }
  routes:
    - { to: [pager], tier: [1], status: [failed, no-new-backup] }
    - { to: [mail], owner: [payments], reason: [too-slow] }
  digest: { cron: '0 8 * * *', timezone: Europe/Berlin, to: [mail] }
`;

describe('notify settings', () => {
  it('configure each channel, with secrets from variables and files that are then redacted', async () => {
    const { settings, redactor } = await settingsOf(ALL, ENV, { 'secrets/pd': `${ENV.PD}\n` });
    expect(settings.publicUrl).toBe('https://firedrill.example.com');
    expect(settings.notify).toEqual({
      channels: [
        { name: 'chat', type: 'slack', url: ENV.SLACK },
        {
          name: 'mail',
          type: 'email',
          host: 'mail.example.com',
          port: 587,
          tls: 'starttls',
          login: { user: 'firedrill', password: 'smtp-password-1' },
          from: 'Firedrill <firedrill@example.com>',
          to: ['ops@example.com', 'dba@example.com'],
        },
        { name: 'pager', type: 'pagerduty', routingKey: ENV.PD, url: 'https://events.pagerduty.com/v2/enqueue' },
        { name: 'hook', type: 'webhook', url: 'https://example.com/in/tokentoken', secret: SIGNING },
        { name: 'script', type: 'command', argv: ['./tell', '--loud'], env: { PATH: '/bin', PAGER: 'of ours' } },
      ],
      routes: [
        { to: ['pager'], tier: [1], status: ['failed', 'no-new-backup'], owner: undefined, reason: undefined },
        { to: ['mail'], owner: ['payments'], reason: ['too-slow'], tier: undefined, status: undefined },
      ],
      reminders: 'daily',
      digest: { cron: '0 8 * * *', timezone: 'Europe/Berlin', to: ['mail'] },
      missing: [],
    });
    const told = `${ENV.SLACK} smtp-password-1 ${ENV.PD} ${SIGNING} https://example.com/in/tokentoken`;
    expect(redactor.redact(told)).toBe('*** *** *** *** ***');
  });

  it('send nothing by default', async () => {
    const { settings } = await settingsOf('');
    expect(settings.notify).toEqual({
      channels: [],
      routes: undefined,
      reminders: 'daily',
      digest: undefined,
      missing: [],
    });
  });

  it('allow reading history without their secrets, but not sending notifications', async () => {
    const { settings } = await settingsOf(ALL, {}, {});
    expect(settings.notify.channels.map(({ name }) => name)).toEqual(['script']);
    const refused = () => requireNotify(settings.notify);
    expect(refused).toThrow(DrillError);
    expect(settings.notify.missing.map(({ code, line, key, message }) => ({ code, line, key, message }))).toEqual([
      {
        code: 'config-missing-variable',
        line: 5,
        key: 'notify.channels.chat.url',
        message: 'the variable SLACK is not set or empty; it holds this secret',
      },
      expect.objectContaining({ key: 'notify.channels.mail.password' }),
      expect.objectContaining({ code: 'config-missing-file', key: 'notify.channels.pager.routingKey.file' }),
      expect.objectContaining({ key: 'notify.channels.hook.url' }),
      expect.objectContaining({ key: 'notify.channels.hook.secret' }),
    ]);
  });

  it('never repeat a plain-text secret in an error', async () => {
    const text = `notify: { channels: { chat: { type: slack, url: '${ENV.SLACK}' } } }`;
    const error = await settingsOf(text).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DrillError);
    const shown = formatError(error as DrillError);
    expect(shown).toContain('notify.channels.chat.url: is a secret in plain text');
    expect(shown).not.toContain('verysecret');
  });

  it.each<[string, string, string]>([
    [
      'an unknown channel type',
      'notify: { channels: { chat: { type: slak } } }',
      'notify.channels.chat.type: must be slack, email, pagerduty, webhook or command, not "slak"',
    ],
    [
      'a channel without a type',
      'notify: { channels: { chat: {} } }',
      'notify.channels.chat.type: is missing; must be a mapping with type: slack, email, pagerduty, webhook or command',
    ],
    [
      'a channel that is not a mapping',
      'notify: { channels: { chat: slack } }',
      'notify.channels.chat: must be a mapping with type: slack, email, pagerduty, webhook or command, not "slack"',
    ],
    [
      'a key of another channel type',
      "notify: { channels: { chat: { type: slack, url: '${SLACK}', urll: x } } }",
      'notify.channels.chat: "urll" is not known here; did you mean "url"? (allowed: type, url)',
    ],
    [
      'an invalid channel name',
      "notify: { channels: { 'Team Chat': { type: slack, url: '${SLACK}' } } }",
      'notify.channels.Team Chat: is not a valid channel name; use 1 to 63 lower-case letters, digits, dots, dashes and underscores',
    ],
    [
      'a route to an unknown channel',
      "notify: { channels: { chat: { type: slack, url: '${SLACK}' } }, routes: [{ to: [chatt] }] }",
      'notify.routes[0].to[0]: "chatt" is not a channel; did you mean "chat"? (channels: chat)',
    ],
    [
      'a state without notifications',
      "notify: { channels: { chat: { type: slack, url: '${SLACK}' } }, routes: [{ to: [chat], status: [erored] }] }",
      'notify.routes[0].status[0]: must be broken, never, failed, no-new-backup, overdue, errored or interrupted, not "erored"; did you mean "errored"?',
    ],
    [
      'a route that matches nothing',
      "notify: { channels: { chat: { type: slack, url: '${SLACK}' } }, routes: [{ to: [chat], tier: [] }] }",
      'notify.routes[0].tier: is empty: no notification would match; leave the key out to match any',
    ],
    [
      'a digest to PagerDuty',
      "notify: { channels: { pd: { type: pagerduty, routingKey: '${PD}' } }, digest: { cron: '@daily', to: [pd] } }",
      'notify.digest.to[0]: "pd" is PagerDuty, which takes no digest',
    ],
    [
      'a secret that is not a URL, without showing it',
      "notify: { channels: { chat: { type: slack, url: '${PD}' } } }",
      'notify.channels.chat.url: must be the URL of an incoming webhook that begins with https:// or http://; the value is not',
    ],
    [
      'an invalid signing secret',
      "notify: { channels: { w: { type: webhook, url: 'https://a.example/', secret: '${PD}' } } }",
      'notify.channels.w.secret: must be whsec_ and 24 to 64 bytes in base64; `echo "whsec_$(openssl rand -base64 32)"` makes one',
    ],
    [
      'a password in clear text over the network',
      "notify: { channels: { m: { type: email, host: mx.example, tls: none, user: a, password: '${PD}', from: a@b.c, to: [a@b.c] } } }",
      'notify.channels.m.tls: none sends the password in clear text over the network; write starttls or implicit',
    ],
    [
      'a user without a password',
      'notify: { channels: { m: { type: email, host: mx.example, user: a, from: a@b.c, to: [a@b.c] } } }',
      'notify.channels.m: has only one of user and password; set both or neither',
    ],
    [
      'an invalid mail address',
      'notify: { channels: { m: { type: email, host: mx.example, from: a@b.c, to: ["a@b.c, d@e.f"] } } }',
      'notify.channels.m.to[0]: "a@b.c, d@e.f" is not a mail address; write one such as ops@example.com',
    ],
    [
      'a command without arguments',
      'notify: { channels: { c: { type: command, argv: [] } } }',
      'notify.channels.c.argv: is empty; write the command and its arguments',
    ],
    [
      'an invalid public URL',
      'publicUrl: firedrill.example.com',
      'publicUrl: must be a URL such as https://firedrill.example.com',
    ],
  ])('refuse %s', async (_, text, problem) => {
    expect(await problemsOf(text)).toEqual([expect.stringContaining(problem)]);
  });

  it('look for secret files beside the settings file', async () => {
    const { cwd, settings } = await settingsOf(ALL);
    const missing = settings.notify.missing.map(({ message }) => message);
    expect(missing).toEqual([expect.stringContaining(`looked for it at ${join(cwd, 'secrets/pd')}`)]);
  });
});
