import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DRILL, type DrillWorkspace, makeDrillWorkspace, plainDump } from '../support/cli-drill.ts';

/** The output of commands and where it goes, tested with drills that end before anything is started, so that only Node is needed. */
let workspace: DrillWorkspace;
beforeEach(async () => {
  workspace = await makeDrillWorkspace();
});
afterEach(() => workspace[Symbol.asyncDispose]());

const look = (command: string) => `HINT: \`firedrill ${command} --help\` shows what it takes.\n`;

describe('an invalid command line', () => {
  it.each([
    [
      ['runn'],
      `usage: unknown command 'runn'\n(Did you mean one of run, runs?)\nHINT: \`firedrill --help\` lists the commands.\n`,
    ],
    [['run', '--bogus'], `usage: unknown option '--bogus'\n${look('run')}`],
    [['show'], `usage: missing required argument 'run'\n${look('show')}`],
    [['sweep', 'all'], `usage: too many arguments for 'sweep'. Expected 0 arguments but got 1: all.\n${look('sweep')}`],
    [
      ['run', '--keep', 'soon', 'x'],
      `usage: option '--keep <duration>' argument 'soon' is invalid. Write a duration such as 90s, 30m or 2h.\n${look('run')}`,
    ],
    [
      ['history', '--limit', '0'],
      `usage: option '-n, --limit <count>' argument '0' is invalid. Write a whole number, 1 or more.\n${look('history')}`,
    ],
    [
      ['run', '--runtime', 'podman', 'x'],
      `usage: option '--runtime <name>' argument 'podman' is invalid. Allowed choices are docker, local.\n${look('run')}`,
    ],
    [
      ['run'],
      'usage: no drill named\nHINT: Name drills by file or name, choose them with --label, or take all of drills with --all.\n',
    ],
    [
      ['schema', 'nope'],
      'usage: there is no schema named "nope"\nHINT: Use one of drill, settings, as in `firedrill schema drill`.\n',
    ],
    [['show', 'nope'], "run-not-found: there is no run 'nope'\nHINT: List the runs with `firedrill history`.\n"],
    [['logs', 'nope'], "run-not-found: there is no run 'nope'\nHINT: List the runs with `firedrill history`.\n"],
    [
      ['list', '--config', 'nope.yaml'],
      'config-missing-file: the settings file nope.yaml does not exist\nHINT: Correct --config or FIREDRILL_CONFIG; without them firedrill.yaml is read where there is one.\n',
    ],
  ])('%j exits with 64 and says why on stderr', async (argv, text) => {
    const { code, stdout, stderr } = await workspace.firedrill(argv);
    expect([code, stdout, stderr]).toEqual([64, '', text]);
  });

  it('exits with 64 and shows the help on stderr when empty', async () => {
    const { code, stdout, stderr } = await workspace.firedrill([]);
    expect([code, stdout]).toEqual([64, '']);
    expect(stderr).toMatch(/^Usage: firedrill \[options\] \[command\]\n/);
  });

  it.each(['run', 'plan', 'list', 'validate'])('%s explains how to start when there are no drills', async (command) => {
    const argv = command === 'run' || command === 'plan' ? [command, '--all'] : [command];
    const { code, stdout, stderr } = await workspace.firedrill(argv);
    expect([code, stdout]).toEqual([64, '']);
    expect(stderr).toBe(
      `drill-not-found: no drills directory here: drills (${workspace.directory}/drills)\nHINT: Create a drill with \`firedrill init\`, or set \`drills\` in firedrill.yaml to the directory of your drills.\n`,
    );
  });
});

describe('an invalid drill file', () => {
  it.each([
    ['an unknown key', { enigne: {} }, / drill\.yaml:1:\d+: "enigne" is not known here; did you mean "engine"\?/],
    ['a wrong type', { checks: 'all' }, /drill\.yaml:1:\d+: checks: must be a list of checks/],
    ['an impossible duration', { objectives: { rto: '15 parsecs' } }, /objectives\.rto: /],
    ['a bad cron expression', { schedule: '61 * * * *' }, /schedule: "61 \* \* \* \*" is not a cron expression/],
    ['a missing SQL file', { checks: [{ name: 'a', sql: { file: 'nope.sql' }, expect: 1 }] }, /nope\.sql/],
    ['a missing variable', { backup: { source: 's3://${NO_SUCH_BUCKET}/', match: '*' } }, /NO_SUCH_BUCKET/],
    ['no checks', { checks: [] }, /checks: is empty: a drill without checks cannot fail/],
  ])('is refused with 64 for %s, without creating a run or anything else', async (_what, changes, message) => {
    await workspace.writeDrill(changes);
    const { code, stdout, stderr } = await workspace.firedrill(['run', 'drill.yaml']);
    expect([code, stdout]).toEqual([64, '']);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^config-(invalid|missing-file|missing-variable): /);
    expect(await readdir(workspace.directory)).toEqual(['backups', 'drill.yaml']);
  });

  it('is refused when two have the same name, naming both', async () => {
    await workspace.write('drills/a.yaml', JSON.stringify(DRILL));
    await workspace.write('drills/b.yaml', JSON.stringify(DRILL));
    const { code, stdout, stderr } = await workspace.firedrill(['run', 'drills/*.yaml']);
    expect([code, stdout]).toEqual([64, '']);
    expect(stderr).toMatch(/drills\/b\.yaml:1:\d+: name: .*orders.*drills\/a\.yaml/);
  });
});

describe('the output', () => {
  beforeEach(async () => {
    await workspace.write('backups/orders.sql', '<html>502</html>');
    await workspace.write(
      'drills/orders.yaml',
      JSON.stringify({ ...DRILL, backup: { source: '../backups', match: 'orders*' } }),
    );
    await workspace.write('drills/new.yaml', JSON.stringify({ ...DRILL, name: 'new' }));
  });

  it('of --json is one JSON object per line with a type and its run', async () => {
    const { code, stdout, stderr } = await workspace.firedrill(['run', 'orders', '--json']);
    expect([code, stderr]).toEqual([1, '']);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; runId: string; drill: string; at: string });
    // the number of predictions depends on how long the stages take
    expect(events.map(({ type }) => type).filter((type) => type !== 'predicted')).toEqual([
      'run-started',
      'stage-started',
      'backup-chosen',
      'stage-ended',
      'stage-ended',
      'run-ended',
    ]);
    expect(new Set(events.map(({ runId, drill }) => `${runId} ${drill}`)).size).toBe(1);
    for (const { at } of events) expect(at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    for (const argv of [
      ['history', '--json'],
      ['list', '--json'],
      ['logs', events[0]?.runId ?? '', '--json'],
      ['show', events[0]?.runId ?? '', '--json'],
    ]) {
      const result = await workspace.firedrill(argv);
      expect([result.code, result.stderr]).toEqual([0, '']);
      for (const line of result.stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('type');
    }
  });

  it('has colours without a terminal only when forced', async () => {
    const plain = await workspace.firedrill(['run', 'orders']);
    expect(plain.stdout).not.toContain('\u001b');
    const forced = await workspace.firedrill(['run', 'orders'], { env: { FORCE_COLOR: '1' } });
    expect(forced.stdout).toContain('\u001b[31m');
    const history = await workspace.firedrill(['history'], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
    expect(history.stdout).toContain('\u001b[');
  });

  it('of list starts with failing drills, followed by those never drilled', async () => {
    await workspace.firedrill(['run', 'orders']);
    const { code, stdout, stderr } = await workspace.firedrill(['list']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').map((line) => line.slice(0, 16).trimEnd())).toEqual([
      'VERDICT  DRILL',
      'FAILED   orders',
      'NEVER    new',
      '',
    ]);
    const forced = await workspace.firedrill(['list'], { env: { FORCE_COLOR: '1' } });
    expect(forced.stdout).toContain('\u001b[31mNEVER\u001b[39m');
  });

  it('summarizes several drills in its last line, and the worst exit code wins', async () => {
    await workspace.write(
      'drills/new.yaml',
      JSON.stringify({ ...DRILL, name: 'new', backup: { source: './nowhere', match: '*' } }),
    );
    const { code, stdout } = await workspace.firedrill(['run', '--all']);
    expect(code).toBe(2);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('2 drills: 1 errored, 1 failed (new, orders)');
  });

  it('of history explains how to start the first run', async () => {
    const { code, stdout, stderr } = await workspace.firedrill(['history']);
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toBe(
      `no runs yet in ${workspace.directory}/.firedrill/history.db; start one with: firedrill run drills/shop.yaml\n`,
    );
  });

  it('of sweep says that there is nothing to remove', async () => {
    const { code, stdout } = await workspace.firedrill(['sweep']);
    expect([code, stdout]).toEqual([0, 'nothing left behind\n']);
  });

  it('of plan reports errors on stderr, and nothing is recorded', async () => {
    const { code, stdout, stderr } = await workspace.firedrill(['plan', 'orders']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^orders: backup-unrecognised: orders\.sql is not a dump: it looks like an HTML page.*\nHINT: Check the job/,
    );
    expect((await workspace.firedrill(['history', '--json'])).stdout).toBe('');
  });

  it('of plan shows what would be restored, and nothing is changed', async () => {
    await workspace.write('backups/orders.sql', plainDump());
    const { code, stdout } = await workspace.firedrill(['plan', 'orders', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      type: 'plan',
      plan: { backup: { key: 'orders.sql', format: 'plain SQL dump' }, engine: { type: 'postgres', major: '18' } },
    });
    expect((await workspace.firedrill(['history', '--json'])).stdout).toBe('');
  });

  it('of doctor says how to fix each failed line', async () => {
    const { code, stdout } = await workspace.firedrill(['doctor']);
    expect(code).toBe(2);
    const lines = stdout.trimEnd().split('\n');
    const bad = lines.flatMap((line, index) => (line.startsWith('✖') ? [index] : []));
    expect(bad.map((index) => lines[index]?.slice(2, 12).trimEnd())).toEqual(['new', 'orders']);
    expect(lines.join('\n')).toMatch(
      /^. pdf +(reports are printed by \/|a PDF is printed by|Chromium does not run as root)/m,
    );
    for (const index of bad) expect(lines[index + 1]).toMatch(/^ {13}→ .+\.$/);
  });
});
