import { createServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import Docker from 'dockerode';
import { connectObjectStore, type ObjectStore } from './object-store.ts';
import { STEP_TIMEOUT_MS } from './timeouts.ts';

const IMAGE = 'firedrill-test/radosgw:20';
const ACCESS_KEY = 'firedrill';
const SECRET_KEY = 'firedrill-secret';

export interface Radosgw extends ObjectStore {
  /** The same store over TLS; only with a certificate. */
  readonly tlsPort: number;
  /** Sets an option of Ceph at run time: `rgw_crypt_require_ssl`. */
  configure(option: string, value: string): Promise<void>;
}

/**
 * A real S3 server in a container, reachable on loopback only; one per test file is enough: buckets keep tests apart.
 * Disposing it removes the container with its volumes.
 * @param certificate a directory with `cert.pem` and `key.pem`, for TLS on a second port.
 */
export async function startRadosgw(certificate?: string): Promise<Radosgw> {
  const docker = new Docker();
  const [port, tlsPort] = [await freePort(), await freePort()];
  const frontend = '7480 ssl_port=7443 ssl_certificate=/tls/cert.pem ssl_private_key=/tls/key.pem';
  const tls =
    certificate === undefined ? undefined : { '7443/tcp': [{ HostIp: '127.0.0.1', HostPort: String(tlsPort) }] };
  const container = await docker.createContainer({
    Image: IMAGE,
    Env: [`S3_KEY=${ACCESS_KEY}`, `S3_SECRET=${SECRET_KEY}`, ...(tls ? [`S3_PORT=${frontend}`] : [])],
    Labels: { 'dev.firedrill.test': '1' },
    ExposedPorts: { '7480/tcp': {}, '7443/tcp': {} },
    HostConfig: {
      PortBindings: { '7480/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }], ...tls },
      Binds: certificate === undefined ? [] : [`${certificate}:/tls:ro`],
    },
  });
  const remove = async () => {
    await container.remove({ force: true, v: true });
  };
  try {
    await container.start();
    const store = connectObjectStore(
      { endpoint: `http://127.0.0.1:${port}`, accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY },
      remove,
    );
    await answers(store.endpoint, container);
    return Object.assign(store, {
      tlsPort,
      configure: (option: string, value: string) => configure(container, option, value),
    });
  } catch (error) {
    await remove();
    throw error;
  }
}

async function configure(container: Docker.Container, option: string, value: string): Promise<void> {
  const Cmd = ['ceph', 'config', 'set', 'client.admin', option, value];
  const exec = await container.exec({ Cmd, AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({});
  const said = await buffer(stream);
  const { ExitCode } = await exec.inspect();
  if (ExitCode !== 0) throw new Error(`ceph config set ${option}: ${said.toString('utf8')}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || !address) throw new Error('no free port');
  return address.port;
}

/** Waits until the gateway answers HTTP: the engine's proxy accepts connections long before, so there is nothing better than polling. */
async function answers(endpoint: string, container: Docker.Container): Promise<void> {
  const deadline = Date.now() + STEP_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const answer = await fetch(endpoint).catch(() => undefined);
    if (answer) return;
    const { State } = await container.inspect();
    if (!State.Running) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const log = await container.logs({ stdout: true, stderr: true, tail: 20 });
  throw new Error(`radosgw does not answer: ${log.toString('utf8')}`);
}
