import { afterAll, beforeAll } from 'vitest';
import { POSTGRES_CLOCK } from '../../../src/record/postgres/postgres-clock.ts';
import { openPostgresStore } from '../../../src/record/postgres/postgres-store.ts';
import type { Store } from '../../../src/record/store.ts';
import type { PostgresAddress } from '../../../src/record/store-address.ts';
import { withRedaction } from '../../../src/record/with-redaction.ts';
import { describeQueueContract } from '../../contracts/queue-store-contract.ts';
import { describeRedactionContract } from '../../contracts/redaction-contract.ts';
import { describeStoreContract } from '../../contracts/store-contract.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres-server.ts';

let server: TestPostgres;
let address: PostgresAddress;
beforeAll(async () => {
  server = await startTestPostgres();
  address = server.address();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Uses the clock of the contract for the current time, and that of the server for the age of heartbeats. */
async function open(): Promise<Store> {
  await server.empty(address.schema);
  return openPostgresStore(address, { clock: { ...POSTGRES_CLOCK, readNow: async (_trx, now) => now } });
}

describeStoreContract('the PostgreSQL store', open);
describeQueueContract('the PostgreSQL store', open);
describeRedactionContract('the PostgreSQL store', async (redactor) => withRedaction(await open(), redactor));
