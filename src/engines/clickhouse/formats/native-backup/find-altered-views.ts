import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import { boundedOutput } from '../../server/bounded-output.ts';
import type { Manifest } from './read-manifest.ts';

/** Matches a view with a schedule, or with a definer. */
const ALTERED =
  'REFRESH[[:space:]]+(EVERY|AFTER)[[:space:]]|SQL[[:space:]]+SECURITY[[:space:]]+(DEFINER|NONE)[[:space:]]';

/**
 * Searches in the sandbox, where all definitions are read in one go.
 * @param folders that contain definitions by their names in the backup.
 * @returns the names of those that may define a view which cannot be created unchanged; none if the sandbox has no grep.
 */
export async function findAlteredViews(
  sandbox: Pick<Sandbox, 'exec'>,
  folders: readonly string[],
  { definitions }: Pick<Manifest, 'definitions'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const roots = metadataFolders(definitions);
  const paths = folders.flatMap((folder) => roots.map((root) => `${folder}/${root}`));
  if (paths.length === 0) return [];
  const { output, text } = boundedOutput();
  const argv = ['grep', '-rlsE', ALTERED, '--', ...paths];
  await sandbox.exec(argv, { stdout: output, env: { LC_ALL: 'C' }, signal });
  const names = text()
    .split('\n')
    .flatMap((path) =>
      folders.filter((folder) => path.startsWith(`${folder}/`)).map((one) => path.slice(one.length + 1)),
    );
  return [...new Set(names)].filter((name) => definitions.has(name)).toSorted();
}

/** Unpacks only the definitions of a backup in a tar. @returns the folders that then contain them. */
export async function unpackDefinitions(
  tar: string,
  { definitions }: Pick<Manifest, 'definitions'>,
  sandbox: Pick<Sandbox, 'exec' | 'paths'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const members = metadataFolders(definitions);
  if (members.length === 0) return []; // tar would unpack all
  const folder = `${sandbox.paths.scratch}/definitions`;
  await sandbox.exec(['mkdir', '-p', folder], { signal });
  await sandbox.exec(['tar', '-xf', tar, '-C', folder, ...members], { env: { LC_ALL: 'C' }, signal });
  return [folder];
}

/** `metadata`, and for a backup of a cluster `shards/1/replicas/1/metadata`. */
function metadataFolders(definitions: Manifest['definitions']): readonly string[] {
  const folders = [...definitions.keys()].flatMap(
    (name) => /^(?:shards\/\d+\/replicas\/\d+\/)?metadata(?=\/)/.exec(name) ?? [],
  );
  return [...new Set(folders)];
}
