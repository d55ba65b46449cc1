import type { HostConfig, MountSettings } from 'dockerode';
import { toLabels, toLoadLabels } from '../labels.ts';
import type { SandboxRequest } from '../sandbox.ts';
import type { DockerEngine } from './engine.ts';
import { loopbackHosts } from './relay-ports.ts';

/** Root of everything writable in the sandbox; the rest is read-only. */
export const SANDBOX_ROOT = '/drill';

export interface ContainerSpec {
  readonly request: SandboxRequest;
  readonly project: string;
  /** Host directory to mount as the sandbox's run directory; undefined for a remote engine. */
  readonly socketDir: string | undefined;
  /** See {@link hostsMount}; undefined where the engine makes the network. */
  readonly hostsFile: string | undefined;
  /** After this long the sandbox exits by itself: the last resort when no sweep ever runs. */
  readonly livesForSeconds: number;
  /** Called between creation and start; an error from it prevents the start. */
  readonly onCreated: (containerId: string) => Promise<void>;
}

/** Starts the container of a sandbox: any image, entrypoint replaced by a sleep, no network, no capabilities, a read-only root. */
export async function launchContainer({ docker }: DockerEngine, spec: ContainerSpec): Promise<void> {
  const { request, project, livesForSeconds } = spec;
  const container = await docker.createContainer({
    Image: request.image,
    Entrypoint: ['sh', '-c', `chmod 1777 ${SANDBOX_ROOT}; exec sleep ${livesForSeconds}`],
    Cmd: [],
    User: '0:0', // owns the new volume, so needs no capability to open it to the server's user
    WorkingDir: '/',
    Labels: { ...toLabels(request, project), ...toLoadLabels(request) },
    // A network namespace with a loopback comes from the kernel; for a network of its own, the engine would start two programs, a third of a sandbox's start.
    NetworkDisabled: spec.hostsFile !== undefined,
    HostConfig: toHostConfig(spec),
  });
  await spec.onCreated(container.id);
  await container.start();
}

/**
 * Without a network of the engine, a container has the names that its image came with: often none, not even `localhost`. That is IPv4 only, as with a network
 * of the engine, which turns IPv6 off.
 */
export const HOSTS = '127.0.0.1\tlocalhost\n::1\tip6-localhost ip6-loopback\n';

/** Mounts a file with {@link HOSTS}. */
export function hostsMount(hostsFile: string | undefined): MountSettings[] {
  return hostsFile ? [{ Type: 'bind', Source: hostsFile, Target: '/etc/hosts', ReadOnly: true }] : [];
}

function toHostConfig({ request, project, socketDir, hostsFile }: ContainerSpec): HostConfig {
  const { memoryBytes } = request;
  const labels = toLabels(request, project);
  return {
    NetworkMode: 'none',
    AutoRemove: true,
    Init: true, // reaps orphaned processes of daemons
    ReadonlyRootfs: true,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    Memory: memoryBytes,
    MemorySwap: memoryBytes, // same as the memory limit, so no swap: swapping would look like a slow restore
    NanoCpus: Math.round(request.cpus * 1e9),
    PidsLimit: request.pids,
    ...(request.network && {
      ExtraHosts: [...loopbackHosts(request.network)].map(([host, address]) => `${host}:${address}`),
      Sysctls: { 'net.ipv4.ip_unprivileged_port_start': '0' }, // not every engine sets it; relays listen at ports such as 443
    }),
    ShmSize: memoryBytes, // parallel index builds share memory there; it counts against the limit anyway
    LogConfig: { Type: 'none', Config: {} },
    Tmpfs: {
      '/tmp': 'rw,nosuid,nodev,noexec,mode=1777',
      ...(request.storage === 'tmpfs'
        ? { [SANDBOX_ROOT]: `rw,nosuid,nodev,noexec,mode=1777,size=${memoryBytes}` }
        : {}),
    },
    Mounts: [
      ...(request.storage === 'volume'
        ? [
            {
              Type: 'volume' as const,
              Source: '',
              Target: SANDBOX_ROOT,
              VolumeOptions: { NoCopy: true, Labels: labels, DriverConfig: { Name: 'local', Options: {} } },
            },
          ]
        : []),
      ...(socketDir ? [{ Type: 'bind' as const, Source: socketDir, Target: `${SANDBOX_ROOT}/run` }] : []),
      ...hostsMount(hostsFile),
    ],
  };
}
