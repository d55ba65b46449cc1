import { parentPort, workerData } from 'node:worker_threads';
import { openSqliteFacts } from './record/sqlite/sqlite-facts.ts';
import type { DigestThreadData } from './report/digest-helper.ts';
import { digestShare } from './report/digest-share.ts';

// The other thread of a report: as main.ts for its process, it alone knows that it is one, and which store it reads.
if (!parentPort) throw new Error('this is a thread of firedrill, not a program');
const data = workerData as DigestThreadData;
using facts = openSqliteFacts(data.storePath);
await digestShare(facts, data, parentPort);
