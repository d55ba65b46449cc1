// Runs once, before everything else, as root with the one right to give files away: the directories that volumes and the host bring belong to
// root, and nothing else here is root. Then the bucket, as soon as the store answers.
import { chmod, chown, mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { bucket, store } from './store.mjs';

const FIREDRILL = 10_001;
/** A store that starts for the first time on a busy machine takes minutes. */
const PATIENCE_MS = 600_000;

// Behind this mode nobody else on the host reaches the sandboxes' sockets.
await chown(process.env.FIREDRILL_RUN_DIR, FIREDRILL, FIREDRILL);
await chmod(process.env.FIREDRILL_RUN_DIR, 0o700);

// The dumping jobs run as the users of their images, whose numbers are not known here; only they and the uploader have this volume.
for (const directory of ['/dumps/postgres', '/dumps/mysql']) {
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o777);
}

const deadline = Date.now() + PATIENCE_MS;
while (!(await makeBucket())) await sleep(500);
console.log(`the bucket ${bucket} is there`);

/** @returns false while the store does not answer yet. */
async function makeBucket() {
  try {
    await store.send(new CreateBucketCommand({ Bucket: bucket }));
    return true;
  } catch (error) {
    if (error.name === 'BucketAlreadyOwnedByYou' || error.name === 'BucketAlreadyExists') return true;
    const isAnswer = error.$metadata?.httpStatusCode !== undefined && error.$metadata.httpStatusCode < 500;
    if (isAnswer || Date.now() > deadline) throw error;
    return false;
  }
}
