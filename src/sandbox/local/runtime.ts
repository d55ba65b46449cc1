import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../support/clock.ts';
import { DrillError } from '../../support/errors.ts';
import { currentOwner } from '../../support/owner.ts';
import type { LocalEngine, ServerInstall } from '../local-binaries.ts';
import type { Sandbox, SandboxRequest, SandboxRuntime } from '../sandbox.ts';
import {
  explainFileError,
  makeDirectories,
  recordHolder,
  removeDirectories,
  type SandboxDirectories,
  SHORT_ROOT,
} from './directories.ts';
import { endSandbox } from './end-sandbox.ts';
import { chooseServer, describeServer, findServers, listServers } from './find-binaries.ts';
import { type Holder, SEALS, type Seal } from './holder.ts';
import { readHostCapacity } from './host-capacity.ts';
import { makeReachable } from './install-access.ts';
import { makeLibraryLinks } from './library-links.ts';
import { LocalSandbox } from './sandbox.ts';
import { describeIsolation, sealBest } from './sealing.ts';
import { chooseServerUser, type ServerUser } from './server-user.ts';
import { sweepSandboxes } from './sweep.ts';

export interface LocalRuntimeDeps {
  /** Directory for restored data, which may be large. Default: the system's temporary directory. */
  readonly dataRoot?: string;
  /** Searched first for server programs. Default: our own PATH. */
  readonly searchPath?: string;
  /** The engines to search for. */
  readonly engines: readonly LocalEngine[];
  /** Isolation levels to try, strongest first. Default: all. */
  readonly seals?: readonly Seal[];
  /** Default: the system's. */
  readonly clock?: Clock;
}

const MEMORY_ROOT = '/dev/shm';

/** Sandboxes on this host, without a container engine; see the contract {@link SandboxRuntime}. */
export function createLocalRuntime(deps: LocalRuntimeDeps): SandboxRuntime {
  const dataRoot = deps.dataRoot ?? tmpdir();
  const searchPath = deps.searchPath ?? process.env['PATH'] ?? '';
  const seals = deps.seals ?? SEALS;
  const { engines } = deps;
  const find = (engine: LocalEngine) => findServers(engine, searchPath);
  /** Cached result of the last `ensureImage`, so that a start need not ask each server for its version again. */
  const seen = new Map<string, readonly ServerInstall[]>();
  const choose = async ({ engine, major, match }: SandboxRequest['server'], look: 'afresh' | 'once') => {
    const local = engines.find(({ type }) => type === engine);
    if (!local) throw new DrillError('internal', `the local runtime does not support the engine ${engine}`);
    const installs = (look === 'once' ? seen.get(engine) : undefined) ?? (await find(local));
    seen.set(engine, installs);
    return { install: chooseServer(installs, local, match === undefined ? { major } : { major, match }), local };
  };
  const findImage = async ({ server }: Pick<SandboxRequest, 'server'>, signal: AbortSignal) => {
    const { install, local } = await choose(server, 'afresh');
    signal.throwIfAborted();
    return provenanceOf(install, local, server.major);
  };
  return {
    name: 'local',
    /** Any one will do: which version a drill needs is looked up when it is known, and some servers take long to say theirs. */
    requireUsable: async (signal) => {
      for (const engine of engines) {
        const installs = await find(engine);
        signal.throwIfAborted();
        if (installs.length > 0) return;
      }
      throw noServers();
    },
    async check(signal) {
      const installs = (await Promise.all(engines.map(find))).flat();
      signal.throwIfAborted();
      const servers = listServers(installs, engines);
      if (!servers) throw noServers();
      return `${servers}; network namespace: ${await tryNetworkNamespace(dataRoot, seals, deps.clock ?? systemClock, signal)}`;
    },
    capacity: async (signal) => {
      signal.throwIfAborted();
      return readHostCapacity(dataRoot);
    },
    findImage,
    ensureImage: findImage,
    async start(request, signal) {
      signal.throwIfAborted();
      refuseNetwork(request);
      const { install, local } = await choose(request.server, 'once');
      signal.throwIfAborted();
      const user = chooseServerUser();
      const isInMemory = request.storage === 'tmpfs' && process.platform === 'linux';
      const directories = await makeDirectories(request, isInMemory ? MEMORY_ROOT : dataRoot, user);
      return finishStart({ request, directories, user, install, local, seals, isInMemory }, signal);
    },
    sweep: (now, signal) => sweepSandboxes([dataRoot, SHORT_ROOT, MEMORY_ROOT], now, signal),
  };
}

function noServers(): DrillError {
  return new DrillError('tool-missing', 'no database server was found on this host', {
    hint: 'Install PostgreSQL, MySQL or MariaDB, or run `npm ci` without `--omit=optional`, which brings PostgreSQL.',
  });
}

/** Restricting the host's network to single targets would need privileges that the local runtime does not require. */
function refuseNetwork({ network }: SandboxRequest): void {
  if (!network) return;
  throw new DrillError(
    'sandbox-refused',
    'the local runtime cannot limit a sandbox to the hosts that `engine.network` allows',
    {
      hint: 'Use `--runtime docker`, or set `engine.network: none`.',
    },
  );
}

interface Start {
  readonly request: SandboxRequest;
  readonly directories: SandboxDirectories;
  readonly user: ServerUser;
  readonly install: ServerInstall;
  readonly local: LocalEngine;
  readonly seals: readonly Seal[];
  readonly isInMemory: boolean;
}

async function finishStart(start: Start, signal: AbortSignal): Promise<Sandbox> {
  const { request, directories, user, seals } = start;
  let holder: Holder | undefined;
  try {
    const sealed = await sealBest({ directories, user, installRoots: start.install.installRoots }, seals, signal);
    holder = sealed.holder;
    await recordHolder(directories, request, holder.process);
    const install = await makeReachable(start.install, directories, user, holder.seal);
    const libraryPath = await makeLibraryLinks(install.libraryLinks, join(directories.support, 'lib'));
    signal.throwIfAborted();
    const sandbox = new LocalSandbox({
      request,
      directories,
      holder,
      user,
      install,
      libraryPath,
      isolation: describeIsolation(sealed, user, request.storage === 'tmpfs' && !start.isInMemory),
      provenance: provenanceOf(start.install, start.local, request.server.major),
    });
    await sandbox.writeShellScript();
    return sandbox;
  } catch (error) {
    await (holder ? endSandbox(directories.roots, holder) : removeDirectories(directories.roots)).catch(
      () => undefined,
    ); // first cause wins; a sweep removes the rest
    signal.throwIfAborted();
    throw explainFileError(error, directories.data);
  }
}

function provenanceOf(install: ServerInstall, engine: LocalEngine, major: string): Sandbox['provenance'] {
  return { name: describeServer(install, engine, major), id: `${install.binDir} ${install.version}` };
}

/** Creates a throwaway sandbox and removes it, because only a trial shows what the kernel and its policies allow. */
async function tryNetworkNamespace(
  dataRoot: string,
  seals: readonly Seal[],
  clock: Clock,
  signal: AbortSignal,
): Promise<string> {
  const user = chooseServerUser();
  const identity = {
    runId: 'check',
    drill: 'check',
    owner: currentOwner(),
    leaseExpiresAt: new Date(clock.now().getTime() + 600_000),
  };
  const directories = await makeDirectories(identity, dataRoot, user);
  try {
    const { holder, obstacles } = await sealBest({ directories, user, installRoots: [] }, seals, signal);
    await endSandbox(directories.roots, holder);
    return holder.seal === 'open' ? `no (${obstacles.join('; ')})` : 'yes';
  } finally {
    await removeDirectories(directories.roots);
  }
}
