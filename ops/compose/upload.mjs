// Puts every finished dump below /dumps into the object store, and keeps the newest BACKUPS_KEPT of each directory there.
import { createReadStream } from 'node:fs';
import { readdir, rm, stat, watch } from 'node:fs/promises';
import { join } from 'node:path';
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { bucket, store } from './store.mjs';

const DUMPS = '/dumps';
const kept = Number(process.env.BACKUPS_KEPT);

const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
const directories = await readdir(DUMPS);
await Promise.all(directories.map(serve));

/** Looks whenever something changes in the directory; what could not be put is tried again with the next dump. */
async function serve(directory) {
  const changes = watch(join(DUMPS, directory), { signal: stop.signal });
  await putAll(directory);
  try {
    for await (const _ of changes) await putAll(directory);
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
  }
}

async function putAll(directory) {
  for (const name of (await readdir(join(DUMPS, directory))).sort()) {
    if (name.includes('.part')) continue;
    try {
      await put(directory, name);
      await prune(directory);
    } catch (error) {
      console.error(`${directory}/${name} is not in the store: ${error.message}`);
    }
  }
}

async function put(directory, name) {
  const path = join(DUMPS, directory, name);
  const { size } = await stat(path);
  const key = `${directory}/${name}`;
  await store.send(
    new PutObjectCommand({ Bucket: bucket, Key: key, Body: createReadStream(path), ContentLength: size }),
  );
  await rm(path);
  console.log(`put s3://${bucket}/${key}, ${size} bytes`);
}

/** The names begin with the time, so the last ones of the listing are the newest. */
async function prune(directory) {
  const { Contents = [] } = await store.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: `${directory}/` }));
  for (const { Key } of Contents.slice(0, -kept)) await store.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
}
