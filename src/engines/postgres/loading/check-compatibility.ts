import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { isAtLeast } from '../../../support/versions.ts';
import type { BackupFacts, ServerNeeds } from '../../format.ts';
import { majorOf } from '../major.ts';
import { chooseRestore, findTools, type Tool } from '../server/installed-tools.ts';

/** Facts from the header of a dump. */
export interface PostgresFacts extends BackupFacts {
  readonly needs: ServerNeeds;
}

/**
 * Checks whether the sandbox's server and tools can load the backup, before an hour is spent trying.
 * @param oldestRestore the oldest pg_restore that reads the archive; undefined for plain SQL.
 * @returns the pg_restore to use.
 * @throws DrillError `version-unsupported`, `extension-missing`, `tool-missing`.
 */
export async function checkCompatibility(
  sandbox: Sandbox,
  facts: PostgresFacts,
  oldestRestore: string | undefined,
  signal: AbortSignal,
): Promise<Tool | undefined> {
  const tools = await findTools(sandbox, signal);
  const where = sandbox.provenance.name;
  if (
    facts.serverVersion !== 'unknown' &&
    !isAtLeast(tools.server.major, facts.needs.major) &&
    !onlyTheToolIsNewer(facts, tools.server)
  ) {
    throw new DrillError(
      'version-unsupported',
      `the backup comes from Postgres ${facts.serverVersion}, but ${where} has ${tools.server.version}`,
      {
        hint: `Set \`engine.version: from-backup\`, or name an image with Postgres ${facts.needs.major} or later.`,
      },
    );
  }
  const missing = facts.needs.extensions.filter((name) => !tools.extensions.has(name));
  if (missing.length > 0) {
    const many = missing.length > 1;
    throw new DrillError(
      'extension-missing',
      `${where} lacks ${many ? 'extensions' : 'the extension'} that the backup creates: ${missing.join(', ')}`,
      {
        hint: `Name an image that has ${many ? 'them' : 'it'} in \`engine.image\`, or install the extension’s package for Postgres ${tools.server.major}.`,
      },
    );
  }
  if (oldestRestore === undefined) return undefined;
  const restore = chooseRestore(tools, oldestRestore);
  if (restore) return restore;
  const newest = tools.restores.map(({ version }) => version).join(', ');
  throw new DrillError(
    'tool-missing',
    newest
      ? `the archive needs pg_restore ${oldestRestore} or later; ${where} has only ${newest}`
      : `the archive needs pg_restore ${oldestRestore} or later; ${where} has none`,
    {
      hint: `Install the package postgresql-client-${facts.needs.major}, or run the drill in Docker; plain SQL dumps need no tool at all.`,
    },
  );
}

/** An archive that a new pg_dump made from an old server needs a new pg_restore, but loads into a server of the old version. */
function onlyTheToolIsNewer(facts: BackupFacts, server: Tool): boolean {
  return isAtLeast(server.major, majorOf(facts.serverVersion));
}
