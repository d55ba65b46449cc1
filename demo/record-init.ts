import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sampleName, writeSampleBackup } from './sample-backup.ts';

/**
 * Records in tmux how a user gets from a clone to a scheduled, verified drill of three nightly dumps, and saves it as text: `npm run record-init`.
 * The clone is of the last commit of this checkout.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const recording = join(root, 'docs', 'recordings', 'init.txt');
const DAY_MS = 86_400_000;
const WIDTH = 120;

interface Step {
  readonly type: string;
  /** What must be on the screen before this is typed. */
  readonly after: RegExp;
}

const STEPS: readonly Step[] = [
  { type: 'SECONDS=0; git clone -q "$FIREDRILL" firedrill && cd firedrill && npm ci --silent', after: /\$ $/ },
  { type: 'alias firedrill=$PWD/bin/firedrill.mjs; mkdir ../drills; cd ../drills', after: /firedrill \$ $/ },
  { type: 'firedrill init', after: /drills \$ $/ },
  { type: '../backups', after: /Where are the backups\?.*: $/s },
  { type: '', after: /Which backups.*: $/s },
  { type: '', after: /Name of the drill.*: $/s },
  { type: '5m', after: /\(RTO\).*: $/s },
  { type: '', after: /RPO.*: $/s },
  { type: '', after: /When should.*: $/s },
  { type: 'slack', after: /Where do alerts go\?.*: $/s },
  { type: 'y', after: /Restore the newest backup now.*: $/s },
  { type: 'firedrill list', after: /firedrill serve[^$]*\$ $/s },
  { type: 'firedrill next', after: /recoverable[^$]*\$ $/s },
  { type: 'echo "$SECONDS seconds since the clone"', after: /shop[^$]*\$ $/s },
];

const exec = promisify(execFile);
const home = await mkdtemp(join(tmpdir(), 'firedrill-record-'));
const session = `firedrill-record-${process.pid}`;
const tmux = async (...argv: string[]) => (await exec('tmux', ['-L', session, ...argv])).stdout;
const screen = async () => (await tmux('capture-pane', '-p', '-J', '-S', '-', '-t', session)).replace(/\s+$/, ' ');

try {
  const backups = join(home, 'backups');
  await mkdir(backups);
  for (const daysAgo of [2, 1, 0]) {
    const takenAt = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - daysAgo * DAY_MS - 2 * 3_600_000);
    await writeSampleBackup(join(backups, sampleName('shop', takenAt)), {
      takenAt,
      customers: 5000,
      withoutPayments: false,
    });
  }
  await writeFile(join(home, 'bashrc'), "PS1='\\W $ '\nexport FIREDRILL_RUNTIME=local\n");
  const shell = `env FIREDRILL=${root} bash --rcfile ${join(home, 'bashrc')}`;
  await tmux('new-session', '-d', '-s', session, '-x', String(WIDTH), '-y', '200', '-c', home, shell);
  for (const { type, after } of STEPS) {
    await until(after);
    await tmux('send-keys', '-t', session, '-l', type);
    await tmux('send-keys', '-t', session, 'Enter');
  }
  await until(/seconds since the clone\n.*\$ $/s);
  await mkdir(join(root, 'docs', 'recordings'), { recursive: true });
  const text = (await screen())
    .replaceAll(home, '/home/ada')
    .replace(/^.*\/\S* \$/gm, '$')
    .trimEnd();
  await writeFile(recording, `${text.split('\n').slice(0, -1).join('\n')}\n`);
  process.stdout.write(`${text}\nwrote docs/recordings/init.txt\n`);
} finally {
  await tmux('kill-server').catch(() => undefined);
  await rm(home, { recursive: true, force: true });
}

/** A terminal does not announce what it shows, so it is polled four times a second, for five minutes at most. */
async function until(expected: RegExp): Promise<void> {
  const deadline = Date.now() + 300_000;
  while (!expected.test(await screen())) {
    if (Date.now() > deadline) throw new Error(`never shown: ${expected}\n${await screen()}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
