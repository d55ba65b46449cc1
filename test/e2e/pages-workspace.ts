import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { writeSampleBackup } from '../../demo/sample-backup.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { startObjectStore } from '../support/object-store.ts';
import type { ServeWorkspace } from './serve-workspace.ts';

/**
 * The number of customers in the sample shop: enough for its plain dump to be read in two parts, so that a restore can be held
 * between them.
 */
export const CUSTOMERS = 6000;
const PART_BYTES = 2 * 2 ** 20;
const TAKEN_AGO_MS = 3_600_000;

/** Writes the sample shop as a plain dump. @returns its content, for a store to serve. */
export async function writeShop(directory: string, options: { withoutPayments: boolean }): Promise<Buffer> {
  const packed = join(directory, 'shop.sql.gz');
  const takenAt = new Date(Date.now() - TAKEN_AGO_MS);
  await writeSampleBackup(packed, { takenAt, customers: CUSTOMERS, ...options });
  return gunzipSync(await readFile(packed));
}

/** A drill of the shop, to be started manually. @param source as YAML. */
export async function addShopDrill(
  { directory }: Pick<ServeWorkspace, 'directory'>,
  name: string,
  source: string,
): Promise<void> {
  const lines = [
    `name: ${name}`,
    'description: The web shop, dumped each night',
    'owner: shop team',
    'tier: 1',
    `backup: { source: ${source}, match: "shop*.sql", takenAt: modified }`,
    'engine: { type: postgres, database: shop }',
    'sandbox: { memory: 512m, cpus: 1 }',
    'objectives: { rto: 30m, rpo: 26h }',
    'checks:',
    `  - { name: customers are all there, sql: select count(*) from customer, expect: { equals: ${CUSTOMERS} } }`,
    '  - name: every order has its payment',
    '    sql: select count(*) from orders o left join payment p on p.order_id = o.id where p.id is null',
    '    expect: { equals: 0 }',
  ];
  await writeFile(join(directory, 'drills', `${name}.yaml`), `${lines.join('\n')}\n`);
}

/** An object store with the whole shop, whose answers are held back until allowed. */
export interface HeldStore extends AsyncDisposable {
  /** For a drill, as YAML. */
  readonly source: string;
  /** Lets the store answer listings and reads of the first part of the backup. */
  list(): void;
  /** Lets the store answer reads of the rest of the backup. */
  giveAll(): void;
}

export async function holdShop(directory: string): Promise<HeldStore> {
  await using stack = new AsyncDisposableStack();
  const store = stack.use(await startObjectStore());
  const proxy: FaultProxy = stack.use(await startFaultProxy(store.endpoint));
  await store.createBucket('backups');
  await store.put('backups', 'shop.sql', await writeShop(directory, { withoutPayments: false }));
  const [listed, given] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  proxy.decide = ({ headers }) => {
    const from = Number(/^bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
    return { kind: 'hold', until: from < PART_BYTES ? listed.promise : given.promise };
  };
  const kept = stack.move();
  return {
    source: `{ url: "s3://backups/", endpoint: "${proxy.endpoint}", forcePathStyle: true }`,
    list: listed.resolve,
    giveAll: given.resolve,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
