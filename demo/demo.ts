import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSettings } from '../src/config/settings.ts';
import { formatDuration } from '../src/support/quantities.ts';
import { writeDroppedShop } from './sample-archive.ts';
import { sampleName, writeSampleBackup } from './sample-backup.ts';
import { writeShopIncrements, writeShopWithBinlog } from './sample-binlog.ts';
import { hasMariadb, hasMariadbBackup } from './sample-mariadb.ts';
import { writeMysqlSample } from './sample-mysql.ts';

/**
 * Real drills on backups that it makes itself, then the history. Arguments go to `firedrill run`: `npm run demo -- --runtime docker`. `npm run
 * demo -- pitr` shows a physical backup and a dropped database; `npm run demo -- drop` shows MariaDB, its binary log, and a database that was
 * dropped on every replica, with the clock running; `npm run demo -- increments` shows a chain of backups by mariadb-backup.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const home = join(root, '.firedrill', 'demo');
const HOUR_MS = 3_600_000;
const MARIADB_IMAGE = 'mariadb:10.11'; // also used by the drill of the sample dump

interface Step {
  readonly says: string;
  readonly args: readonly string[];
  /** The expected exit code. */
  readonly expected: number;
}

const HISTORY: Step = { says: 'All of it is on record.', args: ['history'], expected: 0 };

const [story, ...others] = process.argv.slice(2);
if (story === 'pitr') process.exitCode = await play(await dropShop(), others);
else if (story === 'drop') process.exitCode = await playDrop(others);
else if (story === 'increments') process.exitCode = await playIncrements(others);
else process.exitCode = await play(await backUpShop(), process.argv.slice(2));

/** One passes, one has a backup that lost a table's rows, one has a target that is too tight. */
async function backUpShop(): Promise<readonly Step[]> {
  await makeBackups();
  return [
    {
      says: 'A backup from nine hours ago that is whole: recovery is proven, and timed.',
      args: ['run', 'demo/drills/shop.yaml'],
      expected: 0,
    },
    {
      says: 'The same shop, but the backup job lost the rows of a table.',
      args: ['run', 'demo/drills/incomplete.yaml'],
      expected: 1,
    },
    {
      says: 'A whole backup, but recovery has to be done within half a second.',
      args: ['run', 'demo/drills/slow.yaml'],
      expected: 1,
    },
    HISTORY,
  ];
}

/** Two recoveries that lose the database again, and one that brings it back. */
async function dropShop(): Promise<readonly Step[]> {
  const { droppedAt } = await writeDroppedShop(join(home, 'pitr'));
  const drill = 'drills/orders-pitr.yaml';
  return [
    {
      says: 'A cleanup dropped the shop’s database. The whole log replays the drop too: the backup alone is no recovery.',
      args: ['run', drill, '--to', 'latest'],
      expected: 1,
    },
    {
      says: 'To the instant before the DROP: its files go before the drop commits, and recovery by time looks at commits.',
      args: ['run', drill, '--to', droppedAt.toISOString()],
      expected: 1,
    },
    {
      says: 'By position in the log, here a restore point: every row is back, also those written since the backup.',
      args: ['run', drill],
      expected: 0,
    },
    HISTORY,
  ];
}

/** MariaDB of this host, or of Docker if there is none or `--runtime docker` is given. @returns the exit code. */
async function playDrop(others: readonly string[]): Promise<number> {
  const { image, runtime } = await chooseMariadb(others, hasMariadb);
  process.stdout.write(`# A shop on MariaDB (${image ?? 'of this host'}) is backed up, and goes on selling.\n`);
  const { droppedAt } = await writeShopWithBinlog(join(home, 'drop'), { image });
  process.stdout.write('# Then a cleanup job drops its database, and every replica follows. The clock runs.\n');
  const drill = 'drills/shop-drop.yaml';
  const steps = [
    { says: 'What does the log say happened?', args: ['events', drill], expected: 0 },
    {
      says: 'Just before the DROP, found in the log: every row is back, also those written since the backup.',
      args: ['run', drill],
      expected: 0,
    },
  ];
  const code = await play(steps, ['--runtime', runtime]);
  if (code !== 0) return code;
  const took = formatDuration(Date.now() - droppedAt.getTime());
  process.stdout.write(`\n# The shop is back ${took} after the DROP.\n`);
  return play(
    [
      {
        says: 'The newest state, for comparison: the whole log replays the DROP too.',
        args: ['run', drill, '--to', 'latest'],
        expected: 1,
      },
      HISTORY,
    ],
    ['--runtime', runtime],
  );
}

/** A full backup and an increment, and what the increment is worth once the full backup has expired. @returns the exit code. */
async function playIncrements(others: readonly string[]): Promise<number> {
  const { image, runtime } = await chooseMariadb(others, hasMariadbBackup);
  process.stdout.write(
    `# A shop on MariaDB (${image ?? 'of this host'}) is backed up by mariadb-backup, and once more an hour later.\n`,
  );
  const directory = join(home, 'increments');
  const { full } = await writeShopIncrements(directory, { image });
  const drill = 'drills/shop-increments.yaml';
  const says = 'The increment finds the full backup that it builds on: every row is back, also those of the last hour.';
  const code = await play([{ says, args: ['run', drill], expected: 0 }], ['--runtime', runtime]);
  if (code !== 0) return code;
  await rename(join(directory, full), join(home, full));
  try {
    const lost =
      'The full backup has expired before the increment: what is left is worth nothing, and the drill says so.';
    return await play([{ says: lost, args: ['run', drill], expected: 1 }, HISTORY], ['--runtime', runtime]);
  } finally {
    await rename(join(home, full), join(directory, full));
  }
}

async function chooseMariadb(
  args: readonly string[],
  isHere: () => Promise<boolean>,
): Promise<{ image: string | undefined; runtime: string }> {
  const at = args.indexOf('--runtime');
  const asked = at === -1 ? undefined : args[at + 1];
  if (asked !== 'docker' && (asked === 'local' || (await isHere()))) return { image: undefined, runtime: 'local' };
  const { images } = await loadSettings({ cwd: root, env: process.env });
  return { image: images[MARIADB_IMAGE] ?? MARIADB_IMAGE, runtime: 'docker' };
}

async function makeBackups(): Promise<void> {
  await rm(join(home, 'backups'), { recursive: true, force: true });
  const takenAt = new Date(Date.now() - 9 * HOUR_MS);
  const dayBefore = new Date(takenAt.getTime() - 24 * HOUR_MS); // `firedrill prove` serves it under the other's name
  const sample = { takenAt, customers: 5000, withoutPayments: false };
  for (const at of [dayBefore, takenAt])
    await writeSampleBackup(join(home, 'backups', sampleName('shop', at)), { ...sample, takenAt: at });
  await writeSampleBackup(join(home, 'backups', sampleName('incomplete', takenAt)), {
    ...sample,
    withoutPayments: true,
  });
  // not drilled here, but by drills/shop-mysql.yaml and drills/shop-mariadb.yaml, which need a server that npm does not provide
  for (const product of ['mysql', 'mariadb'] as const) {
    for (const at of [dayBefore, takenAt])
      await writeMysqlSample(join(home, 'backups', sampleName(`${product}-shop`, at)), product, {
        ...sample,
        takenAt: at,
      });
  }
}

/** @returns 0 if each step ended as expected; a demo that shows something other than it claims is a failure. */
async function play(steps: readonly Step[], runArguments: readonly string[]): Promise<number> {
  for (const { says, args, expected } of steps) {
    const argv =
      args[0] === 'run' ? [...args, ...(runArguments.length > 0 ? runArguments : ['--runtime', 'local'])] : args;
    process.stdout.write(`\n# ${says}\n$ firedrill ${argv.join(' ')}\n`);
    const code = await firedrill(argv);
    if (code !== expected) {
      process.stderr.write(`the demo expected exit code ${expected} and got ${code}\n`);
      return 1;
    }
  }
  return 0;
}

async function firedrill(argv: readonly string[]): Promise<number | null> {
  const env = { ...process.env, FIREDRILL_STORE: join(home, 'history.db') };
  const child = spawn(process.execPath, [join(root, 'bin', 'firedrill.mjs'), ...argv], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}
