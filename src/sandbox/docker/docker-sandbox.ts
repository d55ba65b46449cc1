import { posix } from 'node:path';
import { DrillError } from '../../support/errors.ts';
import { describeNetworkAccess, type NetworkAccess } from '../../support/network-access.ts';
import { limitTime } from '../../support/time-limit.ts';
import { isKilled } from '../../support/tool-killed.ts';
import { END_ALL_OF_USER } from '../container/container-processes.ts';
import { execPiped } from '../container/piped-command.ts';
import { writeFilesToSandbox } from '../container/write-files.ts';
import { closeSubdir, reopenSubdir } from '../private-dir.ts';
import type {
  Application,
  ApplicationRequest,
  Connection,
  ExecOptions,
  ExecResult,
  Isolation,
  Sandbox,
  SandboxFile,
} from '../sandbox.ts';
import { startApplication } from './application.ts';
import { openEgress } from './egress.ts';
import type { DockerEngine } from './engine.ts';
import { EngineError } from './engine-errors.ts';
import { type ExecTarget, execInContainer } from './exec.ts';
import { SANDBOX_ROOT } from './launch-container.ts';
import type { PreparedSandbox } from './prepare-sandbox.ts';
import { relayPorts } from './relay-ports.ts';
import { removeSandbox } from './remove-sandbox.ts';
import type { StartedContainer, StartPlan } from './start-container.ts';
import { tunnelTo } from './tunnel.ts';

const END_TIMEOUT_MS = 20_000;
const OOM_COUNTERS = 'cat /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control 2> /dev/null';

/** The parts of a sandbox. */
export interface DockerParts {
  readonly engine: DockerEngine;
  readonly plan: StartPlan;
  readonly started: StartedContainer;
  readonly facts: PreparedSandbox;
}

/** A sandbox in a container, see {@link Sandbox}. */
export class DockerSandbox implements Sandbox {
  readonly runtime = 'docker';
  readonly containerEngine: string;
  readonly id: string;
  readonly isolation: Isolation;
  readonly provenance: Sandbox['provenance'];
  readonly paths = {
    data: `${SANDBOX_ROOT}/data`,
    run: `${SANDBOX_ROOT}/run`,
    scratch: `${SANDBOX_ROOT}/scratch`,
    memory: '/dev/shm',
  };
  readonly binDirs: readonly string[] = [];
  readonly gone: AbortSignal;
  readonly shellCommand: readonly string[];
  private readonly parts: DockerParts;
  private readonly started: StartedContainer;
  private readonly facts: PreparedSandbox;
  private readonly applications = new Set<Promise<Application>>();
  private readonly target: ExecTarget;
  private readonly ended = new AbortController();
  private readonly onLeaked: () => void;
  private egress: AsyncDisposable | undefined;
  private disposing: Promise<void> | undefined;

  /** @param onLeaked called if its removal failed. */
  constructor(parts: DockerParts, provenance: Sandbox['provenance'], onLeaked: () => void) {
    const { started, facts } = parts;
    this.parts = parts;
    this.started = started;
    this.onLeaked = onLeaked;
    this.facts = facts;
    this.id = started.container.id;
    this.containerEngine = parts.engine.uri;
    this.provenance = provenance;
    this.gone = started.watch.gone;
    this.target = {
      container: started.container,
      exitOf: (execId) => started.watch.exitOf(execId),
      over: AbortSignal.any([this.gone, this.ended.signal]),
    };
    this.isolation = describeIsolation(started, parts.plan.request.network);
    const exec = ['exec', '-it', '-u', this.facts.user, this.id.slice(0, 12), facts.shell];
    this.shellCommand = [...parts.engine.client, ...exec];
  }

  async exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const { stdin, isStdinLarge, stdout, ...rest } = options;
    if (stdin && isStdinLarge && !stdout) return execPiped(this, argv, { ...rest, stdin });
    const signal = AbortSignal.any([options.signal, this.gone, this.ended.signal]);
    const home = { HOME: this.paths.scratch, TMPDIR: this.paths.scratch };
    const request = { ...options, env: { ...home, ...options.env }, user: this.facts.user, signal };
    try {
      const result = await execInContainer(this.target, argv, request);
      if (isKilled(result.exitCode)) await this.throwWhenOutOfMemory(signal);
      return result;
    } catch (error) {
      throw await this.blame(error);
    }
  }

  writeFiles(dir: string, files: AsyncIterable<SandboxFile>, signal: AbortSignal): Promise<void> {
    return writeFilesToSandbox(this, dir, files, signal);
  }

  connect(socketPath: string): Connection {
    const name = posix.relative(this.paths.run, socketPath);
    if (name === '' || name.startsWith('..')) {
      throw new DrillError('internal', `the socket ${socketPath} is not below ${this.paths.run}`);
    }
    const { socketDir } = this.started;
    if (socketDir) return { kind: 'path', path: posix.join(socketDir, name) };
    return tunnelTo(socketPath, this.facts.tunnelTool, this.facts.user, this.target);
  }

  async guardRun(state: 'open' | 'closed'): Promise<void> {
    const { socketDir } = this.started;
    if (!socketDir) return;
    if (state === 'closed') return closeSubdir(socketDir);
    await this.endProcesses();
    await reopenSubdir(socketDir);
  }

  /** Opens the network access that the request allows, if any. @throws DrillError `sandbox-refused`, or the signal's reason. */
  async allowNetwork(signal: AbortSignal): Promise<void> {
    const { network } = this.parts.plan.request;
    if (!network) return;
    const { socketDir } = this.started;
    if (!socketDir) {
      throw new DrillError(
        'sandbox-refused',
        'the engine cannot mount directories of this machine, so its sandboxes reach no network, and the drill has `engine.network.allow`',
        { hint: 'Run the drill on the machine of the engine, or set `engine.network: none`.' },
      );
    }
    const egress = await openEgress(socketDir, network, signal);
    this.egress = egress;
    try {
      await relayPorts(network, {
        tools: this.facts.tools,
        sockets: egress.sockets.map((name) => posix.join(this.paths.run, name)),
        exec: (argv, options) => this.exec(argv, options),
        signal,
        ended: this.ended.signal,
      });
    } catch (error) {
      await egress[Symbol.asyncDispose]();
      throw error;
    }
  }

  startApplication(request: ApplicationRequest, signal: AbortSignal): Promise<Application> {
    const { engine, plan, started, facts } = this.parts;
    const { container, hostsFile } = started;
    const beside = { engine, plan, container, hostsFile, target: this.target, user: facts.user };
    const starting = startApplication(beside, request, AbortSignal.any([signal, this.gone, this.ended.signal]));
    this.applications.add(starting);
    return starting;
  }

  dispose(): Promise<void> {
    this.disposing ??= this.disposeOnce();
    return this.disposing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  private async disposeOnce(): Promise<void> {
    this.started.watch.stop();
    this.ended.abort(new DrillError('sandbox-died', 'the sandbox was removed because the run has ended'));
    try {
      const applications = await this.removeApplications();
      await this.egress?.[Symbol.asyncDispose]();
      await removeSandbox(this.started, this.facts.user);
      if (applications) throw applications;
    } catch (error) {
      this.onLeaked();
      throw error;
    }
  }

  /** A sandbox that failed to start has removed itself. @returns the error of one that could not be removed. */
  private async removeApplications(): Promise<DrillError | undefined> {
    const started = await Promise.allSettled(this.applications);
    const running = started.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    const removed = await Promise.allSettled(running.map((application) => application[Symbol.asyncDispose]()));
    const failed = removed.find((one) => one.status === 'rejected');
    if (!failed) return undefined;
    return new DrillError('sandbox-leaked', `the application could not be removed: ${String(failed.reason)}`, {
      hint: 'Run `firedrill sweep` when the engine answers again.',
      cause: failed.reason,
    });
  }

  /** Needed because programs started by restored data may outlive the server. */
  private async endProcesses(): Promise<void> {
    const stubborn = () =>
      new DrillError('server-failed', 'programs that the restored data started in the sandbox do not end');
    using limit = limitTime(END_TIMEOUT_MS, stubborn);
    const { exitCode } = await this.exec(END_ALL_OF_USER, { signal: limit.signal });
    if (exitCode !== 0) throw stubborn();
  }

  /** For a command that something else killed: the kernel's OOM counter shows whether memory was the cause before the engine's event arrives. */
  private async throwWhenOutOfMemory(signal: AbortSignal): Promise<void> {
    const counters = await execInContainer(this.target, ['sh', '-c', OOM_COUNTERS], {
      user: this.facts.user,
      signal,
    });
    if (!/^oom_kill [1-9]/m.test(counters.stdout)) return;
    this.started.watch.declareOutOfMemory();
    this.gone.throwIfAborted();
  }

  /** First cause wins: when the sandbox disappears, its commands fail with that reason, not with their own errors. */
  private async blame(error: unknown): Promise<unknown> {
    if (this.ended.signal.aborted) return this.ended.signal.reason;
    if (this.gone.aborted) return this.gone.reason;
    const status = error instanceof EngineError ? error.httpStatus : undefined;
    return status === 404 || status === 409 ? this.started.watch.explain() : error;
  }
}

function describeIsolation(started: StartedContainer, network: NetworkAccess | undefined): Isolation {
  const reached = started.socketDir ? 'a Unix socket in a private directory' : 'a tunnel through the engine';
  const out = network ? `; allowed to reach, relayed by Firedrill, only ${describeNetworkAccess(network)}` : '';
  return {
    network: network ? 'limited' : 'none',
    sentence: `a container with no network interface but loopback, no published port, no capabilities and a read-only root, reached only by ${reached}${out}`,
  };
}
