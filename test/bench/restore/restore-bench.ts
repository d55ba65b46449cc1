import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { execa } from 'execa';
import { formatBytes } from '../../../src/support/quantities.ts';
import { startRadosgw } from '../../support/radosgw.ts';
import { describeSpread, median, ratios } from '../statistics.ts';
import { countShown, describeEtaErrors, type EtaErrors, medianEtaErrors } from './eta-errors.ts';
import { type Measured, measureFiredrill } from './firedrill.ts';
import { makeDumps, upload } from './make-dumps.ts';
import { startManualSandbox } from './manual-sandbox.ts';

const BUCKET = 'bench';
const IMAGE = 'firedrill-test/postgres:17';

interface Case {
  readonly name: string;
  readonly key: string;
  /** What an expert types. `prepare` is not timed. */
  prepare(sandbox: { readonly name: string }): Promise<void>;
  byHand(sandbox: { readonly name: string; exec(argv: readonly string[]): Promise<void> }): Promise<void>;
}

/**
 * `npm run bench restore [-- --runs 5 --scale 1 --only gzip --alone --record DIR]`: a database of more than 1 GB of SQL, restored from a real object store by
 * Firedrill and by hand, in turn. The restore stage (fetch, load, seal) is compared with loading and sealing by hand. It also reports the errors of the time
 * left that each restore displayed. `--alone`: nothing by hand; `--record`: writes each run's events to this directory.
 */
export async function run(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      runs: { type: 'string', default: '5' },
      scale: { type: 'string', default: '1' },
      only: { type: 'string' },
      alone: { type: 'boolean', default: false },
      record: { type: 'string' },
    },
  });
  const directory = await mkdtemp(join(tmpdir(), 'firedrill-bench-'));
  await using store = await startRadosgw();
  try {
    const say = (text: string) => process.stdout.write(`${text}\n`);
    const env = { AWS_ACCESS_KEY_ID: store.accessKeyId, AWS_SECRET_ACCESS_KEY: store.secretAccessKey };
    const credentials = { accessKeyId: store.accessKeyId, secretAccessKey: store.secretAccessKey };
    const client = new S3Client({ endpoint: store.endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    const dumps = await makeDumps(IMAGE, directory, Number(values.scale));
    say(`database of ${formatBytes(dumps.sqlBytes)} as SQL`);
    for (const key of ['archive', 'gzip', 'zstd'] as const) {
      say(`  ${key}: ${formatBytes(await upload(client, BUCKET, `${key}/bench-2026-11-20`, dumps[key]))}`);
    }
    const small = await makeDumps(IMAGE, join(directory, 'small'), 0.001);
    await upload(client, BUCKET, 'small/bench-2026-11-20', small.archive);
    client.destroy();
    const curl = `curl -sSf -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' --aws-sigv4 aws:amz:us-east-1:s3 --user '${store.accessKeyId}:${store.secretAccessKey}' '${store.endpoint}/${BUCKET}`;
    const cases = makeCases(dumps.archive, curl).filter(({ key }) => values.only === undefined || key === values.only);
    const settings = join(directory, 'firedrill.yaml');
    await writeFile(settings, `store: ./history.db\nimages: { "postgres:17": ${IMAGE} }\n`);
    const drillOf = async (key: string) => {
      const drillFile = join(directory, `${key}.yaml`);
      await writeFile(drillFile, drillYaml(key, store.endpoint));
      return drillFile;
    };
    if (values.only === undefined || values.only === 'small') {
      const drillFile = await drillOf('small');
      await compareHarness(
        small.archive,
        Number(values.runs),
        () => measureFiredrill(drillFile, { ...env, FIREDRILL_CONFIG: settings }),
        say,
      );
    }
    const etas: EtaErrors[] = [];
    for (const one of cases) {
      const drillFile = await drillOf(one.key);
      let runs = 0;
      const firedrill = async () => {
        const measured = await measureFiredrill(drillFile, { ...env, FIREDRILL_CONFIG: settings });
        runs += 1;
        etas.push(measured.etaErrors);
        say(`  ${one.key}, run ${runs}: time left at 25, 50, 75 % was off by ${describeEtaErrors(measured.etaErrors)}`);
        if (values.record !== undefined)
          await writeFile(join(values.record, `${one.key}-${runs}.jsonl`), `${measured.lines.join('\n')}\n`);
        return measured;
      };
      if (values.alone) for (let index = 0; index < Number(values.runs); index += 1) await firedrill();
      else await compare(one, Number(values.runs), firedrill, say);
    }
    if (etas.length > 0)
      say(
        `\ntime left that was shown, median of how far off at 25, 50, 75 %: ${describeEtaErrors(medianEtaErrors(etas))}; shown in ${countShown(etas)} restores`,
      );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function makeCases(archiveFile: string, curl: string): Case[] {
  const psql = (name: string) =>
    `docker exec -i --user postgres -e PGHOST=/var/lib/drill ${name} psql -q -X -v ON_ERROR_STOP=1 -d bench`;
  const pipe = async (script: string) => {
    await execa('bash', ['-o', 'pipefail', '-c', script], { stdout: 'ignore' });
  };
  return [
    {
      name: 'archive from the store, against pg_restore -j 2 of a local copy',
      key: 'archive',
      prepare: ({ name }) =>
        pipe(
          `docker exec -i --user postgres ${name} dd of=/var/lib/drill/bench.dump bs=1M status=none < '${archiveFile}'`,
        ),
      byHand: ({ exec }) => exec(['pg_restore', '-j', '2', '-d', 'bench', '/var/lib/drill/bench.dump']),
    },
    {
      name: 'plain gzip, against curl | gunzip | psql',
      key: 'gzip',
      prepare: async () => undefined,
      byHand: ({ name }) => pipe(`${curl}/gzip/bench-2026-11-20' | gunzip | ${psql(name)}`),
    },
    {
      name: 'plain zstd, against curl | zstd -d | psql',
      key: 'zstd',
      prepare: async () => undefined,
      byHand: ({ name }) => pipe(`${curl}/zstd/bench-2026-11-20' | zstd -dcq | ${psql(name)}`),
    },
  ];
}

function drillYaml(key: string, endpoint: string): string {
  return `
name: bench-${key}
backup: { source: s3://${BUCKET}/${key}/, endpoint: '${endpoint}', region: us-east-1, forcePathStyle: true, match: 'bench-*', takenAt: modified }
engine: { type: postgres, database: bench }
sandbox: { memory: 4g, cpus: 2 }
objectives: { rto: 1h }
checks:
  - { name: accounts, sql: select count(*) from account, expect: { min: 1000 } }
  - { name: events, sql: select count(*) from event, expect: { min: 1000 } }
`;
}

async function compare(
  one: Case,
  runs: number,
  firedrill: () => Promise<Measured>,
  say: (text: string) => void,
): Promise<void> {
  const ours: Measured[] = [];
  const loads: number[] = [];
  const sealed: number[] = [];
  for (let index = 0; index < runs; index += 1) {
    ours.push(await firedrill());
    await using sandbox = await startManualSandbox(IMAGE);
    await one.prepare(sandbox);
    await sandbox.boot();
    const startedMs = performance.now();
    await one.byHand(sandbox);
    loads.push((performance.now() - startedMs) / 1000);
    await sandbox.seal();
    sealed.push((performance.now() - startedMs) / 1000);
  }
  const restores = ours.map(({ stageS }) => stageS['restore'] ?? Number.NaN);
  say(`\n${one.name} (${runs} runs in turn; median, least–most)`);
  say(
    `  Firedrill restore     ${describeSpread(restores)} s (whole run ${describeSpread(ours.map(({ wallS }) => wallS))} s)`,
  );
  say(`  by hand, load         ${describeSpread(loads)} s`);
  say(`  by hand, load + seal  ${describeSpread(sealed)} s`);
  say(
    `  ratio to load + seal  ${describeSpread(ratios(restores, sealed), 2)}; to load alone ${median(ratios(restores, loads)).toFixed(2)}`,
  );
  say(
    `  Firedrill peak memory ${describeSpread(
      ours.map(({ peakMB }) => peakMB),
      0,
    )} MB`,
  );
}

/**
 * On a small database, nearly everything is overhead: this compares the whole process with starting, restoring, querying and removing by
 * hand.
 */
async function compareHarness(
  archive: string,
  runs: number,
  firedrill: () => Promise<Measured>,
  say: (text: string) => void,
): Promise<void> {
  const ours: Measured[] = [];
  const hand: number[] = [];
  for (let index = 0; index < runs; index += 1) {
    ours.push(await firedrill());
    const startedMs = performance.now();
    {
      await using sandbox = await startManualSandbox(IMAGE);
      await execa(
        'docker',
        ['exec', '-i', '--user', 'postgres', sandbox.name, 'dd', 'of=/var/lib/drill/small.dump', 'status=none'],
        { inputFile: archive },
      );
      await sandbox.boot();
      await sandbox.exec(['pg_restore', '-j', '2', '-d', 'bench', '/var/lib/drill/small.dump']);
      await sandbox.seal();
      for (const table of ['account', 'event'])
        await sandbox.exec(['psql', '-d', 'bench', '-c', `select count(*) from ${table}`]);
    }
    hand.push((performance.now() - startedMs) / 1000);
  }
  const walls = ours.map(({ wallS }) => wallS);
  say(`\na small database, whole processes (${runs} runs in turn; median, least–most)`);
  say(`  Firedrill             ${describeSpread(walls)} s`);
  say(`  by hand               ${describeSpread(hand)} s`);
  say(`  harness over by hand  ${describeSpread(walls.map((wall, index) => wall - (hand[index] ?? Number.NaN)))} s`);
}
