import { Readable } from 'node:stream';
import type { Sandbox } from '../../../sandbox/sandbox.ts';

/** Writes configuration files, by name, below the sandbox's data. @returns their paths. */
export async function writeConfig(
  sandbox: Sandbox,
  files: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string> {
  const directory = `${sandbox.paths.data}/config`;
  const entries = Object.entries(files).map(([name, text]) => {
    const bytes = Buffer.from(text);
    return { name, sizeBytes: bytes.length, content: Readable.from([bytes]) };
  });
  await sandbox.writeFiles(directory, Readable.from(entries), signal);
  return directory;
}
