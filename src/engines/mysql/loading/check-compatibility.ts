import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { isAtLeast } from '../../../support/versions.ts';
import type { Flavor } from '../flavor.ts';
import { findTools } from '../server/installed-tools.ts';
import type { BackupNeeds, MysqlFacts } from './backup-facts.ts';
import { loadTraitsOf } from './load-traits.ts';

/**
 * Checks whether the sandbox's server can load the backup, before spending an hour on the attempt.
 * @throws DrillError `version-unsupported`, `extension-missing` (collations and storage engines), `tool-missing`.
 */
export async function checkCompatibility(
  sandbox: Sandbox,
  flavor: Flavor,
  facts: MysqlFacts,
  needs: BackupNeeds,
  signal: AbortSignal,
): Promise<void> {
  const tools = await findTools(sandbox, flavor, signal);
  const where = sandbox.provenance.name;
  if (facts.serverVersion !== 'unknown' && !isAtLeast(tools.major, facts.needs.major)) {
    throw new DrillError(
      'version-unsupported',
      `the backup comes from ${flavor.title} ${facts.serverVersion}, but ${where} has ${tools.version}`,
      {
        hint: `Set \`engine.version: from-backup\`, or name an image with ${flavor.title} ${facts.needs.major} or later.`,
      },
    );
  }
  const traits = loadTraitsOf(flavor);
  const missing = needs.collations.find((name) => traits.lacksCollation(name, tools.version));
  if (missing !== undefined) {
    throw new DrillError(
      'extension-missing',
      `${where.startsWith(flavor.title) ? where : `${flavor.title} ${tools.version} in ${where}`} lacks the collation ${missing}, which the backup uses`,
      {
        hint: traits.collationHint,
      },
    );
  }
}
