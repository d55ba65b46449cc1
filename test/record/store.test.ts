import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openSqliteStore } from '../../src/record/sqlite/sqlite-store.ts';
import type { Store } from '../../src/record/store.ts';
import { withErrorCounting } from '../../src/record/with-error-counting.ts';
import { withRedaction } from '../../src/record/with-redaction.ts';
import { Redactor } from '../../src/support/redact.ts';
import { describeQueueContract } from '../contracts/queue-store-contract.ts';
import { describeRedactionContract } from '../contracts/redaction-contract.ts';
import { describeStoreContract } from '../contracts/store-contract.ts';
import { createMemoryStore } from '../support/memory-store.ts';

let directory: string;
let opened = 0;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'firedrill-store-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function openSqlite(): Promise<Store> {
  opened += 1;
  return openSqliteStore(join(directory, `${opened}.sqlite`));
}

describeStoreContract('the SQLite store', openSqlite);
describeStoreContract('the SQLite store, decorated', async () =>
  withErrorCounting(withRedaction(await openSqlite(), new Redactor()), () => undefined),
);
describeStoreContract('the store in memory', async () => createMemoryStore());
describeQueueContract('the store in memory', async () => createMemoryStore());

describeRedactionContract('the SQLite store', async (redactor) => withRedaction(await openSqlite(), redactor));
describeRedactionContract('the store in memory', async (redactor) => withRedaction(createMemoryStore(), redactor));
