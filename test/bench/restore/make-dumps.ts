import { createReadStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { execa } from 'execa';
import { startManualSandbox } from './manual-sandbox.ts';

export interface Dumps {
  readonly archive: string;
  readonly gzip: string;
  readonly zstd: string;
  /** Size of the plain dump, uncompressed. */
  readonly sqlBytes: number;
}

/** Narrow and wide rows, seven indexes, one of them GIN; `scale` 1 makes a little more than 1 GB of SQL. */
export function schemaSql(scale: number): string {
  const narrow = Math.round(5_000_000 * scale);
  const wide = Math.round(1_300_000 * scale);
  return `
    create table account (id int, branch int, balance int, filler char(84));
    insert into account select i, i % 1000, (i::bigint * 7919) % 100000, '' from generate_series(1, ${narrow}) i;
    create table event (id bigint, account int, kind text, created timestamptz, payload jsonb, note text);
    insert into event select i, (i::bigint * 31) % ${narrow} + 1, 'kind-' || i % 50, '2026-01-01'::timestamptz + i * interval '7 seconds',
      jsonb_build_object('ip', '10.' || i % 250 || '.' || i % 199 || '.' || i % 97, 'agent', 'agent ' || i % 1000, 'tags', jsonb_build_array('t' || i % 30, 'u' || i % 70)),
      repeat(md5(i::text), 8) from generate_series(1, ${wide}) i;
    alter table account add primary key (id);
    alter table event add primary key (id);
    create index on account (branch);
    create index on event (created);
    create index on event (kind);
    create index on event (account);
    create index on event using gin (payload jsonb_path_ops);
  `;
}

/** Creates the database once and dumps it in three ways into `directory`. */
export async function makeDumps(image: string, directory: string, scale: number): Promise<Dumps> {
  await mkdir(directory, { recursive: true });
  await using sandbox = await startManualSandbox(image);
  await sandbox.boot();
  await sandbox.exec(['psql', '-q', '-v', 'ON_ERROR_STOP=1', '-d', 'bench', '-c', schemaSql(scale)]);
  const dumps = {
    archive: join(directory, 'bench.dump'),
    gzip: join(directory, 'bench.sql.gz'),
    zstd: join(directory, 'bench.sql.zst'),
  };
  const shell = (script: string) => execa('bash', ['-o', 'pipefail', '-c', script]);
  await shell(
    `docker exec --user postgres -e PGHOST=/var/lib/drill ${sandbox.name} pg_dump -Fc bench > '${dumps.archive}'`,
  );
  const counted = await shell(
    `docker exec --user postgres -e PGHOST=/var/lib/drill ${sandbox.name} pg_dump bench | tee >(gzip -6 > '${dumps.gzip}') >(zstd -q -3 > '${dumps.zstd}') | wc -c`,
  );
  return { ...dumps, sqlBytes: Number(counted.stdout) };
}

/** Uploads a file under `prefix/` into the bucket, in parts like real uploaders. @returns its size. */
export async function upload(client: S3Client, bucket: string, key: string, file: string): Promise<number> {
  const { PutObjectCommand } = await import('@aws-sdk/client-s3');
  const { size } = await stat(file);
  await client.send(
    new PutObjectCommand({ Bucket: bucket, Key: key, Body: createReadStream(file), ContentLength: size }),
  );
  return size;
}
