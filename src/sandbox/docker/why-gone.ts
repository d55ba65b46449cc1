import http from 'node:http';
import https from 'node:https';
import type Dockerode from 'dockerode';
import { DrillError } from '../../support/errors.ts';
import { formatBytes } from '../../support/quantities.ts';
import { send } from './engine.ts';

/** A running engine answers in a millisecond; while its service manager restarts it, connections hang. */
const PING_TIMEOUT_MS = 2000;

/**
 * Whether the engine answers on a new connection. While it shuts down, it still serves open connections but accepts no new ones.
 * Never throws.
 */
export async function takesConnections(docker: Dockerode, signal: AbortSignal): Promise<boolean> {
  const { protocol } = docker.modem as { protocol?: string };
  const agent = protocol === 'https' ? new https.Agent() : new http.Agent();
  const modem: Modem = Object.create(docker.modem, { agent: { value: agent } });
  const either = AbortSignal.any([signal, AbortSignal.timeout(PING_TIMEOUT_MS)]);
  const ping = (abortSignal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const request = { path: '/_ping', method: 'GET', statusCodes: { 200: true }, abortSignal };
      modem.dial(request, (error) => (error ? reject(error) : resolve()));
    });
  return send(({ abortSignal }) => ping(abortSignal), either).then(
    () => true,
    () => false,
  );
}

/** The part of docker-modem that is used here. */
interface Modem {
  dial(request: object, done: (error: unknown) => void): void;
}

export function explainOutOfMemory(memoryBytes: number): DrillError {
  return new DrillError(
    'out-of-memory',
    `the sandbox used more than its memory limit of ${formatBytes(memoryBytes)}, and the kernel ended a process in it`,
    {
      hint: 'Raise `sandbox.memory` in the drill; building large indexes takes more than the finished database.',
    },
  );
}

export function explainDeath(id: string): DrillError {
  return new DrillError(
    'sandbox-died',
    `the sandbox container ${id.slice(0, 12)} was stopped or removed from outside`,
    {
      hint: 'Find what removed it on the engine’s machine, such as a cleanup job, then run the drill again.',
    },
  );
}

export function explainRestart(id: string): DrillError {
  return new DrillError(
    'engine-unreachable',
    `the Docker engine was stopped or restarted, and the sandbox container ${id.slice(0, 12)} ended with it`,
    {
      hint: 'Run the drill again once the engine answers (`docker info` on its machine); what it left is removed by the next `firedrill sweep`.',
    },
  );
}
