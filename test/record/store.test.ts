import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openSqliteStore } from '../../src/record/sqlite/sqlite-store.ts';
import { describeStoreContract } from '../contracts/store-contract.ts';
import { createMemoryStore } from '../support/memory-store.ts';

let directory: string;
let opened = 0;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'firedrill-store-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

describeStoreContract('the SQLite store', (redactor) => {
  opened += 1;
  return openSqliteStore(join(directory, `${opened}.sqlite`), { redactor });
});
describeStoreContract('the store in memory', async (redactor) => createMemoryStore(redactor));
