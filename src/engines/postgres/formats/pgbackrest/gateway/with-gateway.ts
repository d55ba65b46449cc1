import type { Sandbox } from '../../../../../sandbox/sandbox.ts';
import type { UnpackListener } from '../../../recovery/unpack-listener.ts';
import type { ChosenAccess } from '../choose-access.ts';
import type { OpenedRepository } from '../opened-repository.ts';
import type { RepositoryPlace } from '../run-pgbackrest.ts';
import { forwardPort } from './forward-port.ts';
import { BUCKET, REPOSITORY_PATH } from './request-rules.ts';
import { serveRepository } from './serve-repository.ts';

/** The store may be slow to answer, and its requests are retried here: pgBackRest waits. */
const PATIENCE_S = 600;

/** Keeps a gateway to the files of a backup open while a function works with it. */
export async function withGateway(
  { files, readBytes }: Pick<OpenedRepository, 'files' | 'readBytes'>,
  {
    sandbox,
    access: { socket, streamPart },
    onDoing,
    signal,
  }: {
    readonly sandbox: Sandbox;
    readonly access: Extract<ChosenAccess, { kind: 'gateway' }>;
    readonly onDoing: UnpackListener;
    readonly signal: AbortSignal;
  },
  work: (place: RepositoryPlace) => Promise<void>,
): Promise<void> {
  let read = 0;
  const tell = () =>
    onDoing('restoring with pgBackRest through the gateway', {
      step: { done: Math.min(read, readBytes), total: readBytes },
    });
  tell();
  await using gateway = await serveRepository({
    socketPath: socket.here,
    files: new Map(files.map(({ file, name }) => [name, file])),
    read: (file, range, each) => {
      const stream = streamPart(file, range, each);
      stream.once('end', () => {
        read += range.end - range.start;
        tell();
      });
      return stream;
    },
    now: new Date(),
    signal,
  });
  await using forwarder = await forwardPort(sandbox, socket.inside, signal);
  await work({
    path: REPOSITORY_PATH,
    options: [
      ...['--repo1-type=s3', `--repo1-s3-bucket=${BUCKET}`, '--repo1-s3-region=none', '--repo1-s3-uri-style=path'],
      ...['--repo1-s3-endpoint=127.0.0.1', '--repo1-storage-host=127.0.0.1'],
      ...[`--repo1-storage-port=${forwarder.port}`, '--no-repo1-storage-verify-tls', `--io-timeout=${PATIENCE_S}`],
    ],
    // pgBackRest must sign its requests; the gateway ignores the signature
    env: { PGBACKREST_REPO1_S3_KEY: 'none', PGBACKREST_REPO1_S3_KEY_SECRET: 'none' },
    failure: gateway.failure,
    lost: gateway.lost,
  });
}
