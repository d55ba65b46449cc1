import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes } from '../../../src/support/quantities.ts';
import { upload } from '../restore/make-dumps.ts';
import { startManualSandbox } from '../restore/manual-sandbox.ts';
import { recoverByHand } from './by-hand.ts';
import { makePhysical, type PhysicalBackup } from './make-physical.ts';
import type { Bench, Contest, Product } from './product.ts';

const IMAGE = 'firedrill-test/postgres:17';
const BASE = 'base/2026-11-20T00-00-00Z';

/** A base backup in tars and a log archive, compared with manual commands. */
export const postgres: Product = {
  title: 'base backup and log from the store, to the end of the log',
  prepare: async (bench) => {
    const { client, bucket, say, curl } = bench;
    const made = await make(bench);
    say(`data directory of ${formatBytes(made.dataBytes)}, ${made.segments} segments of the log`);
    for (const name of await readdir(made.base)) {
      say(`  ${name}: ${formatBytes(await upload(client, bucket, `${BASE}/${name}`, join(made.base, name)))}`);
    }
    const segments = (await readdir(made.log)).sort();
    for (const name of segments) await upload(client, bucket, `log/${name}`, join(made.log, name));
    return contest(bench, () => recoverByHand(IMAGE, { curl, base: BASE, segments, verify: true }));
  },
};

async function make({ directory, scale, segments }: Bench): Promise<PhysicalBackup> {
  await using sandbox = await startManualSandbox(IMAGE);
  return await makePhysical(sandbox, directory, { scale, segments }); // only after the sandbox has been removed
}

function contest({ bucket, storeKeys }: Bench, recover: Contest['recover']): Contest {
  return {
    drill: `
name: bench
backup: { source: s3://${bucket}/base/, ${storeKeys}, match: '*', takenAt: name, log: { source: s3://${bucket}/log/, ${storeKeys} } }
engine: { type: postgres, database: bench }
sandbox: { memory: 4g, cpus: 2 }
objectives: { rto: 1h }
checks:
  - { name: accounts, sql: select count(*) from account, expect: { min: 1000 } }
  - { name: events, sql: select count(*) from event, expect: { min: 1000 } }
  - { name: amcheck, integrity: [amcheck] }
  - { name: checksums, integrity: [checksums] }
`,
    images: { 'postgres:17': IMAGE },
    phases: ['fetch', 'unpack', 'verify', 'replay', 'seal'],
    other: 'by hand',
    recover,
  };
}
