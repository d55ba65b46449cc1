import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Connection, Sandbox } from '../../sandbox/sandbox.ts';

/** A file that a client program reads its login from. */
export interface LoginFile {
  readonly path: string;
  /** The server's socket, as seen from where the file is. */
  readonly socket: string;
}

/**
 * Writes a login for `--keep` to a file that only its owner can read. On this host, the file is next to the socket's directory, never in it: the sandbox can
 * write there, and must not control what we read. If the socket has no path on this host, file and socket are for use inside the sandbox.
 * @param name the file's name.
 * @param socket the server's socket inside the sandbox.
 */
export async function writeLoginFile(options: {
  readonly sandbox: Sandbox;
  readonly connection: Connection;
  readonly name: string;
  readonly socket: string;
  readonly text: string;
  readonly signal: AbortSignal;
}): Promise<LoginFile> {
  const { sandbox, connection, name, socket, text, signal } = options;
  if (connection.kind === 'path') {
    const path = join(dirname(dirname(connection.path)), name);
    await writeFile(path, text, { mode: 0o600 });
    return { path, socket: connection.path };
  }
  const path = `${sandbox.paths.scratch}/.${name}`;
  const env = { ENTRY: text };
  await sandbox.exec(['sh', '-c', 'umask 077; printf %s "$ENTRY" > "$1"', 'sh', path], { env, signal });
  return { path, socket };
}
