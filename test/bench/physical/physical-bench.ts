import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { formatBytes } from '../../../src/support/quantities.ts';
import { startRadosgw } from '../../support/radosgw.ts';
import { type Measured, measureFiredrill } from '../restore/firedrill.ts';
import { upload } from '../restore/make-dumps.ts';
import { startManualSandbox } from '../restore/manual-sandbox.ts';
import { describeSpread, ratios } from '../statistics.ts';
import { type HandTimes, recoverByHand } from './by-hand.ts';
import { makePhysical, type PhysicalBackup } from './make-physical.ts';

const BUCKET = 'bench';
const IMAGE = 'firedrill-test/postgres:17';
const BASE = 'base/2026-11-20T00-00-00Z';

/**
 * `npm run bench physical [-- --runs 3 --scale 0.5 --segments 40]`: a base backup and a log archive, recovered from a real object store to the end of
 * the log by Firedrill and by hand, in turn. Compared is the restore stage (fetch, unpack, verify, replay, seal).
 */
export async function run(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      runs: { type: 'string', default: '3' },
      scale: { type: 'string', default: '0.5' },
      segments: { type: 'string', default: '40' },
    },
  });
  const directory = await mkdtemp(join(tmpdir(), 'firedrill-bench-'));
  await using store = await startRadosgw();
  try {
    const say = (text: string) => process.stdout.write(`${text}\n`);
    const made = await make(directory, { scale: Number(values.scale), segments: Number(values.segments) });
    say(`data directory of ${formatBytes(made.dataBytes)}, ${made.segments} segments of the log`);
    const { accessKeyId, secretAccessKey, endpoint } = store;
    const client = new S3Client({
      ...{ endpoint, region: 'us-east-1', forcePathStyle: true },
      credentials: { accessKeyId, secretAccessKey },
    });
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    for (const name of await readdir(made.base)) {
      say(`  ${name}: ${formatBytes(await upload(client, BUCKET, `${BASE}/${name}`, join(made.base, name)))}`);
    }
    const segments = (await readdir(made.log)).sort();
    for (const name of segments) await upload(client, BUCKET, `log/${name}`, join(made.log, name));
    client.destroy();
    const curl = `curl -sSf -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' --aws-sigv4 aws:amz:us-east-1:s3 --user '${accessKeyId}:${secretAccessKey}' '${endpoint}/${BUCKET}`;
    const env = {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      FIREDRILL_CONFIG: join(directory, 'firedrill.yaml'),
    };
    await writeFile(env.FIREDRILL_CONFIG, `store: ./history.db\nimages: { "postgres:17": ${IMAGE} }\n`);
    const drill = join(directory, 'bench.yaml');
    await writeFile(drill, drillYaml(endpoint));
    const ours: Measured[] = [];
    const hand: HandTimes[] = [];
    for (let round = 0; round < Number(values.runs); round += 1) {
      say(`round ${round + 1}, load ${loadavg()[0]?.toFixed(1)}`);
      ours.push(await measureFiredrill(drill, env));
      hand.push(await recoverByHand(IMAGE, { curl, base: BASE, segments, verify: true }));
    }
    report(say, ours, hand);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function make(directory: string, options: { scale: number; segments: number }): Promise<PhysicalBackup> {
  await using sandbox = await startManualSandbox(IMAGE);
  return await makePhysical(sandbox, directory, options); // not before the sandbox is removed
}

function drillYaml(endpoint: string): string {
  const store = `endpoint: '${endpoint}', region: us-east-1, forcePathStyle: true`;
  return `
name: bench
backup: { source: s3://${BUCKET}/base/, ${store}, match: '*', takenAt: name, log: { source: s3://${BUCKET}/log/, ${store} } }
engine: { type: postgres, database: bench }
sandbox: { memory: 4g, cpus: 2 }
objectives: { rto: 1h }
checks:
  - { name: accounts, sql: select count(*) from account, expect: { min: 1000 } }
  - { name: events, sql: select count(*) from event, expect: { min: 1000 } }
`;
}

function report(say: (text: string) => void, ours: readonly Measured[], hand: readonly HandTimes[]): void {
  const restores = ours.map(({ stageS }) => stageS['restore'] ?? Number.NaN);
  const whole = hand.map(({ unpackS, verifyS, replayS, sealS }) => unpackS + verifyS + replayS + sealS);
  const unverified = hand.map(({ unpackS, replayS, sealS }) => unpackS + replayS + sealS);
  say(`\nbase backup and log from the store, to the end of the log (${ours.length} runs in turn; median, least–most)`);
  say(
    `  Firedrill restore     ${describeSpread(restores)} s (whole run ${describeSpread(ours.map(({ wallS }) => wallS))} s)`,
  );
  for (const phase of ['fetch', 'unpack', 'replay', 'seal']) {
    say(`    ${phase.padEnd(20)}${describeSpread(ours.map(({ phaseS }) => phaseS[phase] ?? 0))} s`);
  }
  say(`  by hand               ${describeSpread(whole)} s`);
  for (const phase of ['unpack', 'verify', 'replay', 'seal'] as const) {
    say(`    ${phase.padEnd(20)}${describeSpread(hand.map((times) => times[`${phase}S`]))} s`);
  }
  say(
    `  ratio                 ${describeSpread(ratios(restores, whole), 2)}; to one that verifies nothing ${describeSpread(ratios(restores, unverified), 2)}`,
  );
  say(
    `  Firedrill peak memory ${describeSpread(
      ours.map(({ peakMB }) => peakMB),
      0,
    )} MB, processor time ${describeSpread(ours.map(({ cpuS }) => cpuS))} s`,
  );
}
