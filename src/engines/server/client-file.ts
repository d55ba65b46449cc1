import type { Sandbox } from '../../sandbox/sandbox.ts';
import { DrillError } from '../../support/errors.ts';

/** What a client needs to connect to a server that can only be reached inside its sandbox; for interactive use. */
export interface ClientFile {
  /** File name, relative to the sandbox's data directory. */
  readonly name: string;
  /** Working directory of the client. Default: any. */
  readonly directory?: string;
  /** May contain passwords: only the server's user can read the file. */
  readonly env: Readonly<Record<string, string>>;
}

/** @returns a command line to which the client's own is appended; runs it with these variables. @throws DrillError `server-failed`. */
export async function writeClientFile(
  sandbox: Sandbox,
  { name, directory, env }: ClientFile,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const path = `${sandbox.paths.data}/${name}`;
  const variables = Object.entries(env).map(([variable, value]) => `${variable}=${quote(value)} `);
  const text = `${directory === undefined ? '' : `cd ${quote(directory)} && `}${variables.join('')}exec "$@"\n`;
  const argv = ['sh', '-c', 'umask 077; printf %s "$ENTRY" > "$1"', 'write', path];
  const { exitCode, stderr } = await sandbox.exec(argv, { env: { ENTRY: text }, signal });
  if (exitCode !== 0) throw notWritten('the client’s file', stderr);
  return [...sandbox.shellCommand, 'sh', path];
}

/** Syncs restored files to the disk. @param argv arguments of `sync`. @throws DrillError `server-failed`. */
export async function syncFiles(sandbox: Sandbox, argv: readonly string[], signal: AbortSignal): Promise<void> {
  const { exitCode, stderr } = await sandbox.exec(['sync', ...argv], { signal });
  if (exitCode !== 0) throw notWritten('the restored data', stderr);
}

function notWritten(what: string, stderr: string): DrillError {
  return new DrillError('server-failed', `${what} could not be written to the disk`, { details: [stderr] });
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
