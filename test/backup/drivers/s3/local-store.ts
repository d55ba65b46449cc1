import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openS3Source } from '../../../../src/backup/drivers/s3/s3-source.ts';
import type { BackupSource } from '../../../../src/backup/source.ts';

type OpenParameters = Parameters<typeof openS3Source>;

/** A stand-in for a store on loopback that answers as AWS does. */
export interface LocalStore {
  /** Opens its bucket `acme`. @param more settings of the source besides those needed to reach it. */
  open(
    more?: Partial<OpenParameters[0]>,
    context?: OpenParameters[2],
    timing?: OpenParameters[1],
  ): Promise<BackupSource>;
  close(): Promise<void>;
}

export async function startLocalStore(answer: RequestListener): Promise<LocalStore> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const spec: OpenParameters[0] = {
    type: 's3',
    bucket: 'acme',
    prefix: '',
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    forcePathStyle: true,
    profile: undefined,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  };
  return {
    open: (more = {}, context = {}, timing = undefined) => openS3Source({ ...spec, ...more }, timing, context),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
