import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** A Compose file with images that can be built here, as its own project. */
export interface Installation extends AsyncDisposable {
  /** `docker-compose …`. @returns its output. @throws with all of its output when it fails. */
  compose(...args: readonly string[]): Promise<string>;
  /** `docker exec` in the service's container, whatever the exit code. */
  exec(service: string, ...argv: readonly string[]): Promise<Ended>;
  /** Address at which the service's port is published: `http://127.0.0.1:49153`. */
  urlOf(service: string, port: number): Promise<string>;
  containerOf(service: string): Promise<string>;
  /** Resolves with the first line of the service's log that matches, past or future; rejects when the container ends without one. */
  logged(service: string, pattern: RegExp): Promise<string>;
  /** Resolves when the engine reports the service as healthy. */
  healthy(service: string): Promise<void>;
  /** What is left of it on the engine and this machine; empty after `down`. */
  leftovers(): Promise<readonly string[]>;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The image of Firedrill, as built for the tests of this process. */
const IMAGE = `firedrill-test/firedrill:test${process.pid}`;

/** Debian's Compose, or Docker's own. */
export const composeCommand = [['docker-compose'], ['docker', 'compose']].find(
  ([command = '', ...args]) => spawnSync(command, [...args, 'version']).status === 0,
);

/** Builds the image for all installations of this process, as docker-compose.yml says. Disposing it removes the image. */
export async function buildImage(): Promise<AsyncDisposable> {
  const env = await environmentOf(`firedrilltest${process.pid}`, tmpdir());
  const [command = '', ...prefix] = composeCommand ?? [];
  const { code, stdout, stderr } = await run(command, [...prefix, 'build', 'firedrill'], env);
  if (code !== 0) throw new Error(`the image was not built:\n${stdout}${stderr}`);
  return {
    [Symbol.asyncDispose]: async () => {
      await run('docker', ['image', 'rm', '--force', IMAGE], env);
    },
  };
}

export interface InstallationOptions {
  /** Compose files; later ones override earlier ones. */
  readonly files: readonly string[];
  /** Suffix of the project name. */
  readonly name: string;
  /** Additional variables for the files. */
  readonly env?: Readonly<Record<string, string>>;
}

export async function makeInstallation({ files, name, env: more }: InstallationOptions): Promise<Installation> {
  const project = `firedrilltest${process.pid}${name}`;
  const runDir = await mkdtemp(join(tmpdir(), 'fdc-'));
  const env = { ...(await environmentOf(project, runDir)), ...more };
  const chosen = files.flatMap((file) => ['-f', file]);
  const followers = new Set<ChildProcess>();
  const [command = 'docker-compose', ...prefix] = composeCommand ?? [];

  const compose = async (...args: readonly string[]) => {
    const ended = await run(command, [...prefix, ...chosen, ...args], env);
    if (ended.code === 0) return ended.stdout;
    throw new Error(`${command} ${args.join(' ')} ended with ${ended.code}:\n${ended.stdout}${ended.stderr}`);
  };
  /** By its labels: each call of Debian's Compose costs one and a half seconds of CPU. */
  const containerOf = async (service: string) => {
    const labels = [`project=${project}`, `service=${service}`];
    const filters = labels.flatMap((label) => ['--filter', `label=com.docker.compose.${label}`]);
    const { stdout, stderr } = await run('docker', ['ps', '--all', '--quiet', '--no-trunc', ...filters], env);
    const [id, ...others] = stdout.split('\n').filter(Boolean);
    if (id === undefined || others.length > 0) throw new Error(`not one container of ${service}:\n${stdout}${stderr}`);
    return id;
  };
  /** Reads the output of a command from its first line until one matches; the command keeps running while there is more to print. */
  const firstLine = (argv: readonly string[], pattern: RegExp) => {
    const child = spawn('docker', argv, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    followers.add(child);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const seen: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        seen.push(line);
        if (pattern.test(line)) resolve(line);
      });
    }
    child.once('close', () => {
      followers.delete(child);
      reject(
        new Error(`docker ${argv.join(' ')} said nothing that matches ${pattern}:\n${seen.slice(-40).join('\n')}`),
      );
    });
    return promise.finally(() => child.kill());
  };

  return {
    compose,
    containerOf,
    exec: async (service, ...argv) => run('docker', ['exec', await containerOf(service), ...argv], env),
    urlOf: async (service, port) => {
      const { stdout } = await run('docker', ['port', await containerOf(service), String(port)], env);
      return `http://${stdout.split('\n', 1)[0]}`;
    },
    logged: async (service, pattern) => firstLine(['logs', '--follow', await containerOf(service)], pattern),
    healthy: async (service) => {
      const container = await containerOf(service);
      const filters = ['--filter', `container=${container}`, '--filter', 'event=health_status'];
      const event = firstLine(['events', ...filters, '--format', '{{.Status}}'], /^health_status: healthy/);
      event.catch(() => undefined); // it may be healthy already, and then this is not awaited
      const { stdout } = await run('docker', ['inspect', '--format', '{{.State.Health.Status}}', container], env);
      if (stdout.trim() !== 'healthy') await event;
    },
    leftovers: async () => {
      const label = ['--filter', `label=com.docker.compose.project=${project}`];
      const kinds = { container: ['ps', '-aq'], volume: ['volume', 'ls', '-q'], network: ['network', 'ls', '-q'] };
      const found: string[] = [];
      for (const [kind, argv] of Object.entries(kinds)) {
        const { stdout } = await run('docker', [...argv, ...label], env);
        found.push(
          ...stdout
            .split('\n')
            .filter(Boolean)
            .map((id) => `${kind} ${id}`),
        );
      }
      return found;
    },
    [Symbol.asyncDispose]: async () => {
      for (const child of followers) child.kill();
      await compose('down', '--volumes', '--timeout', '3');
      await rm(runDir, { recursive: true, force: true });
    },
  };
}

/** Uses the Compose files of this checkout, without pulling anything. */
async function environmentOf(project: string, runDir: string): Promise<Record<string, string>> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    COMPOSE_PROJECT_NAME: project,
    S3_KEY: 'key-of-the-test',
    S3_SECRET: 'store secret of the test',
    BACKUP_PASSWORD: `it's "quoted" \\ and odd`,
    STORE_PASSWORD: `it's "quoted" \\ and odd, too`,
    DOCKER_GID: String((await stat('/var/run/docker.sock')).gid),
    FIREDRILL_RUN_DIR: runDir,
    FIREDRILL_PORT: '0',
    MAIL_PORT: '0',
    BACKUP_EVERY_SECONDS: '86400', // one backup of each, so that the broken one stays the newest
    FIREDRILL_IMAGE: IMAGE,
    NODE_IMAGE: 'firedrill-test/node:24',
    MAIL_IMAGE: 'firedrill-test/node:24',
    STORE_IMAGE: 'firedrill-test/radosgw:20',
    POSTGRES_IMAGE: 'firedrill-test/postgres:17',
    MYSQL_IMAGE: 'firedrill-test/mysql:9.7',
  };
}

function run(command: string, args: readonly string[], env: Record<string, string>): Promise<Ended> {
  const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += String(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += String(chunk);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
