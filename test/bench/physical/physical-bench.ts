import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { execa } from 'execa';
import { startRadosgw } from '../../support/radosgw.ts';
import { type Measured, measureFiredrill, readMachineS } from '../restore/firedrill.ts';
import { describeSpread, ratios } from '../statistics.ts';
import type { Contest, Product } from './product.ts';

const BUCKET = 'bench';
const PRODUCTS: Readonly<Record<string, () => Promise<Product>>> = {
  postgres: async () => (await import('./postgres.ts')).postgres,
  mysql: async () => (await import('./mysql.ts')).mysql,
  pgbackrest: async () => (await import('./pgbackrest.ts')).pgbackrest,
};

/**
 * `npm run bench physical [-- PRODUCT --runs 3 --scale 0.5 --segments 40]`: a physical backup and its log, recovered from a real object store by Firedrill
 * and in another way, in turn. The restore stages are compared (fetch, unpack, verify, replay, seal).
 */
export async function run(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      runs: { type: 'string', default: '3' },
      scale: { type: 'string', default: '0.5' },
      segments: { type: 'string', default: '40' },
    },
  });
  const [name = 'postgres'] = positionals;
  const product = await PRODUCTS[name]?.();
  if (!product) throw new Error(`usage: npm run bench physical [-- ${Object.keys(PRODUCTS).join(' | ')}]`);
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const directory = await mkdtemp(join(tmpdir(), 'firedrill-bench-'));
  const tls = product.tls ? await makeCertificate(directory) : undefined;
  await using store = await startRadosgw(tls?.directory);
  const { accessKeyId, secretAccessKey, endpoint } = store;
  const client = new S3Client({
    ...{ endpoint, region: 'us-east-1', forcePathStyle: true },
    credentials: { accessKeyId, secretAccessKey },
  });
  try {
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    const contest = await product.prepare({
      ...{ directory, store, client, bucket: BUCKET, say, tlsPort: store.tlsPort },
      scale: Number(values.scale),
      segments: Number(values.segments),
      storeKeys: `endpoint: '${tls ? `https://127.0.0.1:${store.tlsPort}` : endpoint}', region: us-east-1, forcePathStyle: true`,
      curl: `curl -sSf -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' --aws-sigv4 aws:amz:us-east-1:s3 --user '${accessKeyId}:${secretAccessKey}' '${endpoint}/${BUCKET}`,
    });
    const env = {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      FIREDRILL_CONFIG: join(directory, 'firedrill.yaml'),
      ...(tls && { NODE_EXTRA_CA_CERTS: join(tls.directory, 'cert.pem') }),
    };
    await writeFile(env.FIREDRILL_CONFIG, `store: ./history.db\nimages: ${JSON.stringify(contest.images)}\n`);
    const drill = join(directory, 'bench.yaml');
    await writeFile(drill, contest.drill);
    const ours: Measured[] = [];
    const others: OtherTimes[] = [];
    const variants = Object.entries(contest.variants ?? {}).map(([name, text]) => ({
      name,
      text,
      runs: [] as Measured[],
    }));
    for (let round = 0; round < Number(values.runs); round += 1) {
      say(`round ${round + 1}, load ${loadavg()[0]?.toFixed(1)}`);
      ours.push(await measureFiredrill(drill, env));
      others.push(await measureOther(contest));
      for (const { name, text, runs } of variants) {
        const file = join(directory, `${name}.yaml`);
        await writeFile(file, text);
        runs.push(await measureFiredrill(file, env));
      }
    }
    report(say, { product, contest, ours, others, variants });
  } finally {
    client.destroy();
    await rm(directory, { recursive: true, force: true });
  }
}

/** A self-signed certificate for `127.0.0.1`. */
async function makeCertificate(parent: string): Promise<{ readonly directory: string }> {
  const directory = join(parent, 'tls');
  await mkdir(directory);
  await execa('openssl', [
    ...[
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=bench',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
    ],
    ...['-keyout', join(directory, 'key.pem'), '-out', join(directory, 'cert.pem')],
  ]);
  return { directory };
}

interface OtherTimes {
  readonly phaseS: Readonly<Record<string, number>>;
  /** CPU time of everything on this machine. */
  readonly machineS: number;
}

async function measureOther({ recover }: Contest): Promise<OtherTimes> {
  const before = await readMachineS();
  const phaseS = await recover();
  return { phaseS, machineS: (await readMachineS()) - before };
}

function report(
  say: (text: string) => void,
  {
    product,
    contest,
    ours,
    others,
    variants,
  }: {
    readonly product: Product;
    readonly contest: Contest;
    readonly ours: readonly Measured[];
    readonly others: readonly OtherTimes[];
    readonly variants: readonly { readonly name: string; readonly runs: readonly Measured[] }[];
  },
): void {
  const line = (name: string, text: string) => say(`  ${name.padEnd(22)}${text}`);
  const spread = (name: string, values: readonly number[]) => line(name, `${describeSpread(values)} s`);
  const restores = ours.map((one) => one.stageS['restore'] ?? Number.NaN);
  const sums = others.map(({ phaseS }) => sum(Object.values(phaseS)));
  const unverified = others.map(({ phaseS }) => sum(Object.values(phaseS)) - (phaseS['verify'] ?? 0));
  say(`\n${product.title} (${ours.length} runs in turn; median, least–most)`);
  spread('Firedrill restore', restores);
  for (const phase of contest.phases) {
    spread(
      `  ${phase}`,
      ours.map((one) => one.phaseS[phase] ?? 0),
    );
  }
  spread(contest.other, sums);
  for (const phase of Object.keys(others[0]?.phaseS ?? {})) {
    spread(
      `  ${phase}`,
      others.map(({ phaseS }) => phaseS[phase] ?? 0),
    );
  }
  line(
    'ratio',
    `${describeSpread(ratios(restores, sums), 2)}; to one that verifies nothing ${describeSpread(ratios(restores, unverified), 2)}`,
  );
  for (const phase of contest.compared ?? []) {
    const own = ours.map(({ phaseS }) => phaseS[phase] ?? Number.NaN);
    const theirs = others.map(({ phaseS }) => phaseS[phase] ?? Number.NaN);
    line(`  of ${phase}`, describeSpread(ratios(own, theirs), 2));
  }
  for (const { name, runs } of variants) {
    const took = runs.map(({ stageS }) => stageS['restore'] ?? Number.NaN);
    line(name, `${describeSpread(took)} s, ratio ${describeSpread(ratios(took, sums), 2)}`);
    for (const phase of contest.phases) {
      spread(
        `  ${phase}`,
        runs.map(({ phaseS }) => phaseS[phase] ?? 0),
      );
    }
  }
  spread(
    'whole run',
    ours.map((one) => one.wallS),
  );
  for (const name of Object.keys(ours[0]?.checkS ?? {})) {
    spread(
      `  check ${name}`,
      ours.map((one) => one.checkS[name] ?? 0),
    );
  }
  line(
    'Firedrill’s process',
    `${describeSpread(
      ours.map((one) => one.peakMB),
      0,
    )} MB at its peak, ${describeSpread(ours.map((one) => one.cpuS))} s of processor time`,
  );
  line(
    'whole machine',
    `${describeSpread(ours.map(({ machineS }) => machineS))} s of processor time during the restore, ${describeSpread(others.map(({ machineS }) => machineS))} s ${contest.other}`,
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
