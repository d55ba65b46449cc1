import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type Dockerode from 'dockerode';
import { DrillError } from '../../support/errors.ts';
import { untilAborted } from '../../support/until-aborted.ts';
import { toLabels } from '../labels.ts';
import type { Application, ApplicationRequest } from '../sandbox.ts';
import { demux } from './demux.ts';
import { answerDeadline, type DockerEngine } from './engine.ts';
import { asEngineError, statusOf } from './engine-errors.ts';
import type { ExecTarget } from './exec.ts';
import { explainMissing, findImage } from './images.ts';
import { LastLines } from './last-lines.ts';
import { hostsMount } from './launch-container.ts';
import { removeContainer } from './remove-sandbox.ts';
import type { StartPlan } from './start-container.ts';
import { tunnelToPort } from './tunnel.ts';

const START_TIMEOUT_MS = 30_000;
const REMOVE_TIMEOUT_MS = 30_000;

/** The sandbox next to which an application is started. */
export interface BesideSandbox {
  readonly engine: DockerEngine;
  readonly plan: StartPlan;
  readonly container: Dockerode.Container;
  /** The sandbox's /etc/hosts on this host; undefined where the engine makes that file. */
  readonly hostsFile: string | undefined;
  /** The container whose programs relay bytes to the application’s port; they share the loopback. */
  readonly target: ExecTarget;
  readonly user: string;
}

/**
 * Starts a container in the network of the sandbox, which has nothing but loopback, with its labels, and without capabilities. It may use any image, so its
 * root is writable; everything written there is removed with it. Leaves nothing behind when it throws.
 */
export async function startApplication(
  beside: BesideSandbox,
  request: ApplicationRequest,
  signal: AbortSignal,
): Promise<Application> {
  const { engine, plan, target, user } = beside;
  const id = await findImage(engine, request.image, signal);
  if (id === undefined) throw explainMissing(engine, request.image, 'starting a sandbox never pulls an image');
  const name = `firedrill-app-${randomBytes(6).toString('hex')}`;
  const container = engine.docker.getContainer(name); // a name finds it even if the engine never confirms its creation
  const lines = new LastLines();
  const remove = async (): Promise<void> => {
    await removeContainer(container, answerDeadline(REMOVE_TIMEOUT_MS, 'removing an application'));
  };
  try {
    const starting = start(beside, { ...request, name, labels: toLabels(plan.request, plan.project) }, lines);
    // ignores the caller's abort: a container that is being created can only be removed once it exists
    const { ended } = await untilAborted(starting, answerDeadline(START_TIMEOUT_MS, 'starting an application'));
    signal.throwIfAborted();
    return {
      provenance: { name: request.image, id },
      ended,
      get lastLines() {
        return lines.all;
      },
      connect: (port: number): Promise<Duplex> => tunnelToPort(port, user, target),
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    await remove().catch(() => undefined); // first cause wins; the sandbox's removal and a sweep find the rest
    signal.throwIfAborted();
    throw explainStart(error, request);
  }
}

interface NamedRequest extends ApplicationRequest {
  readonly name: string;
  readonly labels: Record<string, string>;
}

/** @returns `ended`, which resolves with the exit code. */
async function start(
  { engine, container: sandbox, hostsFile }: BesideSandbox,
  { name, labels, image, command, env, memoryBytes, cpus, pids }: NamedRequest,
  lines: LastLines,
): Promise<{ readonly ended: Promise<number> }> {
  const container = await engine.docker.createContainer({
    name,
    Image: image,
    Labels: labels,
    ...(command === undefined ? {} : { Entrypoint: command.slice(0, 1), Cmd: command.slice(1) }),
    Env: Object.entries(env).map(([variable, value]) => `${variable}=${value}`),
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      NetworkMode: `container:${sandbox.id}`,
      AutoRemove: true,
      Init: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Memory: memoryBytes,
      MemorySwap: memoryBytes,
      NanoCpus: Math.round(cpus * 1e9),
      PidsLimit: pids,
      LogConfig: { Type: 'none', Config: {} },
      Tmpfs: { '/tmp': 'rw,nosuid,nodev,mode=1777' },
      Mounts: hostsMount(hostsFile),
    },
  });
  const output = await container.attach({ stream: true, stdout: true, stderr: true });
  const take = (piece: Buffer) => lines.add(piece);
  const read = demux(output as unknown as Duplex, take, take).catch(() => undefined);
  const waiting = container.wait({ condition: 'next-exit' }) as Promise<{ readonly StatusCode: number }>;
  await container.start();
  const ended = waiting.then(
    async ({ StatusCode }) => {
      await read; // its last words come before its end is reported
      return StatusCode;
    },
    () => -1,
  );
  return { ended };
}

function explainStart(error: unknown, { command, image }: ApplicationRequest): DrillError {
  const message = error instanceof Error ? error.message : String(error);
  if (statusOf(error) === 400 && /executable file not found|no such file|permission denied/i.test(message)) {
    const program = command?.[0] === undefined ? 'what the image runs' : JSON.stringify(command[0]);
    return new DrillError('check-malformed', `${image} cannot start ${program}`, {
      hint: 'Set `command` to a program in the image, or leave it out to run the image’s default.',
      cause: error,
    });
  }
  return asEngineError(error, 'starting an application');
}
