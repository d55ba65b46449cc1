import { parentPort, workerData } from 'node:worker_threads';
import { openSqliteFacts } from './record/sqlite/sqlite-facts.ts';
import type { DigestThreadData } from './report/digest-helper.ts';
import { digestShare } from './report/digest-share.ts';

// Entry point of the report thread, as main.ts is for the process. Only this file handles the thread and its store.
if (!parentPort) throw new Error('this is a thread of firedrill, not a program');
const data = workerData as DigestThreadData;
using facts = openSqliteFacts(data.storePath);
await digestShare(facts, data, parentPort);
