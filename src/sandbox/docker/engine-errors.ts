import { createConnection } from 'node:net';
import { DrillError, type ErrorCode } from '../../support/errors.ts';
import { formatDuration } from '../../support/quantities.ts';

const GONE = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'EACCES',
  'EPERM',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
]);

/** Maps the engine's refusal messages to error codes and hints. First match wins. */
const REFUSALS: readonly { readonly says: RegExp; readonly code: ErrorCode; readonly hint: string }[] = [
  {
    says: /no space left on device|disk quota exceeded/i,
    code: 'disk-full',
    hint: 'Free up space on the engine’s machine, where it keeps its data (there, `docker info` says where, and `docker system df` what takes it).',
  },
  {
    says: /no such image|does not exist locally|pull access denied|manifest unknown/i,
    code: 'image-missing',
    hint: 'Pull or build the image on the machine of the engine, or map its name under `images:` in the settings.',
  },
  {
    says: /memory limit|memory reservation|swap/i,
    code: 'sandbox-refused',
    hint: 'Change `sandbox.memory` in the drill to what the engine can give (at least 64m).',
  },
  {
    says: /range of cpus|nanocpus|cpu/i,
    code: 'sandbox-refused',
    hint: 'Change `sandbox.cpus` in the drill to what the engine has.',
  },
];

/** The engine refused a request, or went away. */
export class EngineError extends DrillError {
  /** Status of the engine's answer; undefined if there was none. */
  readonly httpStatus: number | undefined;

  constructor(code: ErrorCode, message: string, { hint, cause }: { readonly hint: string; readonly cause: unknown }) {
    super(code, message, { hint, cause });
    this.httpStatus = statusOf(cause);
  }
}

/** Converts any error of the engine's client to a DrillError. @param doing the operation in progress: `starting a sandbox`. */
export function asEngineError(thrown: unknown, doing: string): DrillError {
  if (thrown instanceof DrillError) return thrown;
  const error: NodeJS.ErrnoException = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (error.code !== undefined && GONE.has(error.code)) {
    return new EngineError('engine-unreachable', `the Docker engine went away while ${doing}: ${error.message}`, {
      hint: 'Check on the engine’s machine that it runs (`docker info`, `systemctl status docker`), then run the drill again.',
      cause: thrown,
    });
  }
  const message = error.message.replace(/^\(HTTP code \d+\) [^-]*- /, '').trim();
  const refusal = REFUSALS.find(({ says }) => says.test(message));
  return new EngineError(refusal?.code ?? 'sandbox-refused', `the Docker engine failed at ${doing}: ${message}`, {
    hint: refusal?.hint ?? 'See the engine’s own log for more (`journalctl -u docker` on its machine).',
    cause: thrown,
  });
}

/** The error for an engine that accepts connections but does not answer. */
export function explainSilence(timeoutMs: number, doing: string): DrillError {
  return new DrillError(
    'engine-unreachable',
    `the Docker engine did not answer within ${formatDuration(timeoutMs)} while ${doing}`,
    {
      hint: 'Find out on its machine what keeps it busy (`docker info`, `journalctl -u docker`); restart it when no drill is running.',
    },
  );
}

/** HTTP status of an engine's refusal; undefined for anything else. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

/** testcontainers reports only that it found no engine; this finds out why. */
export async function explainUnreachable(dockerHost: string | undefined, cause: unknown): Promise<DrillError> {
  const where = dockerHost ?? 'unix:///var/run/docker.sock';
  const why = await tryToConnect(where);
  return new DrillError('engine-unreachable', `no Docker engine answers at ${where}: ${why}`, {
    hint: hintFor(why, dockerHost),
    cause,
  });
}

function hintFor(why: string, dockerHost: string | undefined): string {
  if (/EACCES|EPERM/.test(why)) {
    return 'This user may not use the engine: add it to the group docker (`sudo usermod -aG docker $USER`, then log in again).';
  }
  if (dockerHost)
    return 'Correct DOCKER_HOST, or unset it to use the engine of this machine; `docker info` shows whether it answers.';
  return 'Start the engine (`sudo systemctl start docker`), point DOCKER_HOST at another one, or use `--runtime local`.';
}

async function tryToConnect(where: string): Promise<string> {
  if (!URL.canParse(where)) return 'that is not an address';
  const url = new URL(where);
  const target = url.hostname ? { host: url.hostname, port: Number(url.port || 2375) } : { path: url.pathname };
  return new Promise((resolve) => {
    const socket = createConnection(target);
    socket.setTimeout(2000, () => socket.destroy(new Error('no answer within 2 s')));
    socket.once('error', (error) => resolve(error.message || (error as NodeJS.ErrnoException).code || 'refused'));
    socket.once('connect', () => {
      socket.destroy();
      resolve('something listens there, but it does not speak the Docker API');
    });
  });
}
