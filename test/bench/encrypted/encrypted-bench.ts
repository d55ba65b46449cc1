import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { formatBytes } from '../../../src/support/quantities.ts';
import { type Measured, measureFiredrill } from '../restore/firedrill.ts';
import { makeDumps } from '../restore/make-dumps.ts';
import { describeSpread, ratios } from '../statistics.ts';

const IMAGE = 'firedrill-test/postgres:17';
const PASSPHRASE = 'correct horse';

/** A way to encrypt a compressed dump, and the key that a drill names for it. */
interface Way {
  readonly name: string;
  readonly keys: string;
  /** Creates the file. */
  encrypt(plain: string, file: string): Promise<void>;
}

/**
 * `npm run bench encrypted [-- --runs 3 --scale 1 --only age]`: a database of more than 1 GB of SQL, compressed by zstd, restored from a
 * directory unencrypted and encrypted in each way, in turn. The restore stages are compared.
 */
export async function run(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      runs: { type: 'string', default: '3' },
      scale: { type: 'string', default: '1' },
      only: { type: 'string' },
    },
  });
  const directory = await mkdtemp(join(tmpdir(), 'firedrill-bench-'));
  const say = (text: string) => process.stdout.write(`${text}\n`);
  try {
    const dumps = await makeDumps(IMAGE, directory, Number(values.scale));
    say(`database of ${formatBytes(dumps.sqlBytes)} as SQL, ${formatBytes((await stat(dumps.zstd)).size)} compressed`);
    await writeFile(join(directory, 'pass'), PASSPHRASE);
    const ways = (await waysIn(directory)).filter(({ name }) => values.only === undefined || name === values.only);
    const plain = await drillOf(directory, dumps.zstd, 'plain');
    const drills: { way: Way; drill: string; measured: Measured[] }[] = [];
    for (const way of ways) {
      const file = join(directory, `${way.name}.zst`);
      await way.encrypt(dumps.zstd, file);
      drills.push({ way, drill: await drillOf(directory, file, way.name, way.keys), measured: [] });
    }
    const env = { FIREDRILL_CONFIG: join(directory, 'firedrill.yaml') };
    await writeFile(env.FIREDRILL_CONFIG, `store: ./history.db\nimages: { "postgres:17": ${IMAGE} }\n`);
    const unencrypted: Measured[] = [];
    for (let round = 0; round < Number(values.runs); round += 1) {
      say(`round ${round + 1}, load ${loadavg()[0]?.toFixed(1)}`);
      unencrypted.push(await measureFiredrill(plain, env));
      for (const { drill, measured } of drills) measured.push(await measureFiredrill(drill, env));
    }
    report(say, 'not encrypted', unencrypted, unencrypted);
    for (const { way, measured } of drills) report(say, way.name, measured, unencrypted);
  } finally {
    await execa('gpgconf', ['--homedir', directory, '--kill', 'all'], { reject: false });
    await rm(directory, { recursive: true, force: true });
  }
}

async function waysIn(directory: string): Promise<readonly Way[]> {
  const pass = join(directory, 'pass');
  const identity = join(directory, 'age.key');
  await execa('age-keygen', ['-o', identity]);
  const { stdout: recipient } = await execa('age-keygen', ['-y', identity]);
  const gpg = ['--homedir', directory, '--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase-file', pass];
  return [
    {
      name: 'age',
      keys: '[{ file: age.key }]',
      encrypt: async (plain, file) => void (await execa('age', ['-r', recipient, '-o', file, plain])),
    },
    {
      name: 'gpg',
      keys: '[{ file: pass }]',
      encrypt: async (plain, file) => void (await execa('gpg', [...gpg, '-z', '0', '-o', file, '--symmetric', plain])),
    },
    {
      name: 'openssl',
      keys: '[{ file: pass }]',
      encrypt: async (plain, file) =>
        void (await execa('openssl', [
          'enc',
          '-aes-256-cbc',
          '-pbkdf2',
          '-pass',
          `file:${pass}`,
          '-in',
          plain,
          '-out',
          file,
        ])),
    },
  ];
}

/** Puts the file into its own directory. @returns the path of its drill. */
async function drillOf(directory: string, file: string, name: string, keys?: string): Promise<string> {
  const source = join(directory, `backups-${name}`);
  await mkdir(source);
  await execa('ln', [file, join(source, 'bench')]);
  const drill = join(directory, `${name}.yaml`);
  await writeFile(
    drill,
    `
name: bench-${name}
backup: { source: ${source}, match: bench, takenAt: modified${keys === undefined ? '' : `, keys: ${keys}`} }
engine: { type: postgres, database: bench }
sandbox: { memory: 4g, cpus: 2 }
objectives: { rto: 1h }
checks:
  - { name: accounts, sql: select count(*) from account, expect: { min: 1000 } }
  - { name: events, sql: select count(*) from event, expect: { min: 1000 } }
`,
  );
  return drill;
}

function report(
  say: (text: string) => void,
  name: string,
  measured: readonly Measured[],
  base: readonly Measured[],
): void {
  const restores = (all: readonly Measured[]) => all.map(({ stageS }) => stageS['restore'] ?? Number.NaN);
  const peaks = measured.map(({ peakMB }) => peakMB);
  say(
    `${name.padEnd(14)} restore ${describeSpread(restores(measured))} s, ratio ${describeSpread(ratios(restores(measured), restores(base)), 2)}, peak memory ${describeSpread(peaks, 0)} MB`,
  );
}
