import { posix } from 'node:path';

/**
 * Reads checksums in the format of `sha256sum`: `<64 hex digits>  <path>`, with `*` before a path in binary mode, `\` before a line whose path has escapes, and
 * BSD's `SHA256 (path) = …`. @param manifest its own path: names are relative to its folder, and those with a leading `/`
 * to what was restored. @returns paths with their checksums; undefined: a line has neither format.
 */
export function readManifest(text: string, manifest: string): ReadonlyMap<string, string> | undefined {
  const folder = posix.dirname(manifest);
  const sums = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const read = readLine(line);
    if (!read) return undefined;
    const path = read.path.startsWith('/') ? read.path.slice(1) : posix.join(folder, read.path);
    sums.set(posix.normalize(path), read.sum);
  }
  return sums;
}

function readLine(line: string): { path: string; sum: string } | undefined {
  const plain = /^(\\?)([0-9a-fA-F]{64}) [ *](.+)$/.exec(line);
  if (plain) {
    const [, escaped, sum = '', path = ''] = plain;
    return { path: escaped ? withoutEscapes(path) : path, sum: sum.toLowerCase() };
  }
  const bsd = /^SHA256 \((.+)\) = ([0-9a-fA-F]{64})$/.exec(line);
  return bsd ? { path: bsd[1] ?? '', sum: (bsd[2] ?? '').toLowerCase() } : undefined;
}

function withoutEscapes(path: string): string {
  return path.replace(/\\([\\nr])/g, (_, letter: string) => ({ n: '\n', r: '\r' })[letter] ?? '\\');
}
