// To see a drill fail: puts the first half of the newest backup into the store as a new one, as a backup job on a full disk does.
//   docker compose exec upload node /app/ops/break-backup.mjs postgres|mysql
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { bucket, store, timestamp } from './store.mjs';

const directory = process.argv[2];
const { Contents = [] } = await store.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: `${directory}/` }));
const newest = Contents.at(-1)?.Key;
if (newest === undefined) throw new Error(`there is no backup below ${directory}/ yet: is it postgres or mysql?`);

const { Body } = await store.send(new GetObjectCommand({ Bucket: bucket, Key: newest }));
const whole = await Body.transformToByteArray();
const Key = newest.replace(/\d{4}-.*?Z/, timestamp());
await store.send(new PutObjectCommand({ Bucket: bucket, Key, Body: whole.subarray(0, Math.floor(whole.length / 2)) }));
console.log(`put half of ${newest} as ${Key}`);
