import { expect, it } from 'vitest';
import { loadSettings } from '../../src/config/settings.ts';
import { DrillError } from '../../src/support/errors.ts';
import { workspace } from './loading.ts';

const CHANNELS = `
notify:
  channels:
    mail: { type: email, host: mail.example.com, tls: none, from: firedrill@example.com, to: [ops@example.com] }
    script: { type: command, argv: [./tell] }
`;

async function load(text: string) {
  return loadSettings({ cwd: await workspace({ 'firedrill.yaml': `${CHANNELS}${text}` }), env: {} });
}

async function problemsOf(text: string): Promise<readonly string[]> {
  const thrown = await load(text).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof DrillError)) return [];
  return thrown.details.map((line) => line.replace(/^firedrill\.yaml:\d+:\d+: /, ''));
}

it('define when each report is sent, its period, recipients and format', async () => {
  const { reports } = await load(`
reports:
  - { name: monthly, cron: '0 7 1 * *', channel: mail }
  - name: payments
    cron: 0 7 * * 1
    timezone: Europe/Berlin
    period: 90d
    channel: mail
    to: [cto@example.com]
    format: md
    targetShare: 99.5%
    tier: 1
    owner: payments
`);
  expect(reports).toEqual([
    {
      name: 'monthly',
      cron: '0 7 1 * *',
      timezone: 'UTC',
      period: { kind: 'whole', unit: 'month' },
      channel: 'mail',
      to: undefined,
      format: 'html',
      targetShare: undefined,
      tier: undefined,
      owner: undefined,
    },
    {
      name: 'payments',
      cron: '0 7 * * 1',
      timezone: 'Europe/Berlin',
      period: { kind: 'last', lengthMs: 90 * 86_400_000 },
      channel: 'mail',
      to: ['cto@example.com'],
      format: 'md',
      targetShare: 0.995,
      tier: 1,
      owner: 'payments',
    },
  ]);
  expect((await load('')).reports).toEqual([]);
});

it('are refused with what is wrong and what is allowed', async () => {
  expect(
    await problemsOf(`
reports:
  - { name: a, cron: '0 7 1 * *', channel: mial }
  - { name: a, cron: '0 7 1 * *', channel: script, to: [nobody] }
`),
  ).toEqual([
    'reports[0].channel: "mial" is not a channel; did you mean "mail"? (e-mail channels: mail)',
    'reports[1].name: "a" is also the name of another report',
    'reports[1].channel: "script" is of type command; reports go by e-mail only',
    'reports[1].to[0]: "nobody" is not a mail address; write one such as ops@example.com',
  ]);
  expect(
    await problemsOf(`
reports:
  - { name: A B, cron: '0 7', channel: mail, period: fortnight, format: odt, to: [] }
`),
  ).toEqual([
    'reports[0].name: must be 1 to 63 lower-case letters, digits, dots, dashes and underscores, not "A B"',
    expect.stringContaining('reports[0].cron: "0 7" is not a cron expression'),
    'reports[0].period: "fortnight" is not a period; write day, week, month, quarter, year or a duration such as 90d',
    'reports[0].format: must be html, pdf, md or json, not "odt"',
    'reports[0].to: is empty; write at least one mail address, or leave it out',
  ]);
});

it.each([
  ['0.99', 0.99],
  ['50%', 0.5],
  ['100%', 1],
])('may set a target share of %s for the error budget', async (text, share) => {
  const { reports } = await load(`
reports:
  - { name: a, cron: '0 7 1 * *', channel: mail, targetShare: ${text} }
`);
  expect(reports[0]?.targetShare).toBe(share);
});

it.each(['49%', '101%', '99', 'most', '""'])('refuse %s as a target share', async (text) => {
  const problems = await problemsOf(`
reports:
  - { name: a, cron: '0 7 1 * *', channel: mail, targetShare: ${text} }
`);
  expect(problems).toEqual([
    expect.stringContaining('reports[0].targetShare: must be a share from 50% to 100% such as 99% or 0.99, not '),
  ]);
});
