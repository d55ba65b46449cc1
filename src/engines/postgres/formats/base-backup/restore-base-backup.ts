import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import type { ProvisionOptions, Restoration, Restored, RunOptions } from '../../../format.ts';
import { findTools, type Tool } from '../../server/installed-tools.ts';
import { requireLibraries } from '../../server/preload.ts';
import type { OpenedBaseBackup } from './backup-parts.ts';
import { examineRecovered } from './examine-recovered.ts';
import { prepareDirectory } from './prepare-directory.ts';
import { recover } from './recover.ts';
import type { RecoverySite } from './recovery-site.ts';
import { startRecovered } from './start-recovered.ts';
import { copyDirectory, unpackParts } from './unpack-parts.ts';

/** Checks the sandbox's server; the data directory is written, recovered and started when the restoration is run. */
export async function provisionBaseBackup(
  backup: OpenedBaseBackup,
  sandbox: Sandbox,
  { boot, signal }: ProvisionOptions,
): Promise<Restoration> {
  const tools = await findTools(sandbox, signal);
  requireSameMajor(backup.major, tools.server, sandbox);
  requireLibraries(boot.preload, tools, sandbox.provenance.name);
  // an open prepared transaction needs its slot whenever the server starts, and one in the log while it is replayed
  const settings = { max_prepared_transactions: '1000', ...boot.settings };
  return { run: (options) => restore(backup, { sandbox, tool: tools.server, boot: { ...boot, settings } }, options) };
}

async function restore(
  { content, parts }: OpenedBaseBackup,
  site: RecoverySite,
  options: RunOptions,
): Promise<Restored> {
  const { sandbox, tool } = site;
  const { signal } = options;
  const { key } = content.backup;
  const report = (phase: 'unpack' | 'replay' | 'seal', doing: string) =>
    options.onProgress({ bytesRead: content.meter.bytesRead, doing, ratio: undefined, phase });
  const paths = { data: sandbox.paths.data, tablespaces: `${sandbox.paths.scratch}/tablespaces` };
  report('unpack', 'unpacking');
  if (parts)
    await unpackParts(parts, paths, { sandbox, onPart: (name) => report('unpack', `unpacking ${name}`), signal });
  else if (content.kind === 'directory') await copyDirectory(content, paths, { sandbox, signal });
  const manifest = content.kind === 'directory' && parts ? content.members.get(MANIFEST) : undefined;
  if (manifest && content.kind === 'directory') {
    const { sizeBytes } = manifest;
    const file = { name: MANIFEST, sizeBytes, content: content.stream(MANIFEST, signal) };
    await sandbox.writeFiles(paths.data, only(file), signal);
  }
  report('unpack', 'verifying files');
  const evidence = `${sandbox.paths.scratch}/configuration-of-the-backup`;
  const warnings = await prepareDirectory({ sandbox, tool, paths, evidence, key }, signal);
  report('replay', 'replaying the log');
  await recover(key, site, (at) => report('replay', `replaying the log at ${at}`), signal);
  report('seal', 'sealing');
  const server = await startRecovered(site, signal);
  options.onBooted(server);
  const outcome = await examineRecovered(server, { key, warnings, options });
  server.loaded.add(outcome.database);
  options.onLoaded(outcome);
  return { server, outcome };
}

const MANIFEST = 'backup_manifest';

async function* only<T>(value: T): AsyncGenerator<T> {
  yield value;
}

function requireSameMajor(major: string, { major: found, version }: Tool, { provenance }: Sandbox): void {
  if (major === found) return;
  throw new DrillError(
    'version-unsupported',
    `a base backup of Postgres ${major} needs a server of that major version, and ${provenance.name} has ${version}`,
    { hint: `Name an image of Postgres ${major} in \`engine.image\`, or install that version.` },
  );
}
