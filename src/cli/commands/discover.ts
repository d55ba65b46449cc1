import { join } from 'node:path';
import type { SourceSpec } from '../../backup/registry.ts';
import { readDrills } from '../../config/load-drills.ts';
import { parseSource } from '../../config/parse-source.ts';
import { problemsNote } from '../../config/problem.ts';
import type { Settings } from '../../config/settings.ts';
import type { Engine } from '../../engines/engine-descriptor.ts';
import { ENGINE_TYPES } from '../../engines/registry.ts';
import { exitCodeOfRun, worstExitCode } from '../../judge/outcome.ts';
import type { DiscoveryRecord } from '../../record/discovery-store.ts';
import { discover, type ServerToAsk } from '../../run/discover/discover.ts';
import { lookAround } from '../../run/discover/look-around.ts';
import type { Place } from '../../run/discover/place.ts';
import { withRecordedRequests } from '../../run/record-requests.ts';
import { asDrillError, DrillError, EXIT, formatError } from '../../support/errors.ts';
import { cleanUp } from '../clean-up.ts';
import { readDatabaseAddress } from '../database-address.ts';
import { formatDiscovery, formatDiscoveryJson, hasNoGap } from '../discovery-text.ts';
import { writeDrills } from '../drafts/write-drills.ts';
import { formatWritten, formatWrittenJson, withWritten } from '../drafts/written-drills.ts';
import { choosePrinter } from '../printers/choose-printer.ts';
import { printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';
import { WorkReporter } from '../work-reporter.ts';

export interface DiscoverOptions {
  readonly config: string | undefined;
  readonly json: boolean;
  /** URLs of running servers. */
  readonly servers: readonly string[];
  readonly passwordFile: string | undefined;
  readonly maxRequests: number | undefined;
  /** Whether to create missing drill files. */
  readonly write: boolean;
  readonly runtime: string | undefined;
}

/** `firedrill discover`: finds backups and databases without a drill. Changes nothing except its own state, from which an interrupted discovery resumes. */
export async function discoverCommand(
  tools: Toolbox,
  given: readonly string[],
  options: DiscoverOptions,
): Promise<number> {
  const { io } = tools;
  try {
    return await lookAndPrint(tools, given, options);
  } catch (thrown) {
    if (!io.interrupt.aborted) throw thrown;
    throw new DrillError(
      'interrupted',
      options.write ? 'canceled; drills that were already written are kept' : 'canceled; nothing was changed',
      {
        hint: 'Run the same command again: listing a bucket or directory resumes where it stopped.',
        cause: thrown,
      },
    );
  }
}

async function lookAndPrint(tools: Toolbox, given: readonly string[], options: DiscoverOptions): Promise<number> {
  const { io, clock } = tools;
  const settings = await tools.loadSettings(options.config);
  const engines = await Promise.all(ENGINE_TYPES.map((type) => tools.backups.engineOf(type)));
  const servers = await readServers(tools, settings, engines, options);
  const isOwn = given.length === 0;
  const { drills, problems } = await readDrillsOrNone(tools, settings, !isOwn || servers.length > 0);
  if (problems.length > 0) io.stderr.write(`${formatError(problemsNote(problems))}\n`);
  const places: Place[] = [];
  for (const text of given)
    places.push({ spec: await parseGiven(tools, text), given: text, origin: undefined, within: [] });
  await using store = await tools.openStore(settings);
  const looking = new WorkReporter(io, 'looking for backups', () => clock.monotonicMs());
  const request = {
    drills,
    servers,
    maxRequests: options.maxRequests ?? settings.discover.maxRequests,
    signal: io.interrupt,
    onProgress: (text: string, share?: number) => looking.tell(tools.redact(text), share),
  };
  const services = { ...tools.backups, engines, store, redact: tools.redact };
  const found = withRecordedRequests(services, undefined, (recorded) =>
    isOwn
      ? lookAround({ ...request, settings: settings.discover }, recorded)
      : discover({ ...request, places, notes: [] }, recorded),
  );
  const { record, series } = await found.finally(() => looking[Symbol.dispose]());
  const text = options.json ? formatDiscoveryJson(record) : formatDiscovery(record, clock.now());
  io.stdout.write(`${tools.redact(text)}\n`);
  if (!options.json) printProblems(tools, record);
  const codes: number[] = [problems.length > 0 ? EXIT.usage : EXIT.passed];
  if (!options.write) return worstExitCode([...codes, exitCodeOf(record)]);
  await cleanUp(tools, settings, store);
  const printer = choosePrinter(io, options.json ? 'junit' : 'text', { publicUrl: settings.publicUrl });
  const format = options.json ? formatWrittenJson : formatWritten;
  const written = await writeDrills(tools, series, {
    settings,
    store,
    drills,
    runtime: options.runtime,
    printer,
    onWritten: (drill) => void io.stdout.write(`${tools.redact(format(drill))}\n`),
  });
  if (written.length === 0 && !options.json) io.stdout.write('nothing to write: every series has a drill\n');
  codes.push(...written.flatMap(({ run }) => (run ? [exitCodeOfRun(run)] : [])));
  return worstExitCode([...codes, exitCodeOf(withWritten(record, written))]);
}

function exitCodeOf(record: DiscoveryRecord): number {
  if (record.problems.some(({ isError }) => isError)) return EXIT.errored;
  return hasNoGap(record) ? EXIT.passed : EXIT.failed;
}

function printProblems({ io, redact }: Toolbox, { problems }: DiscoveryRecord): void {
  for (const { where, message, hint, isError } of problems) {
    const line = `${isError ? 'ERROR' : 'NOTE'}: ${where}: ${message}`;
    io.stderr.write(`${printable(redact(line))}\n`);
    if (hint !== undefined) io.stderr.write(`HINT: ${printable(redact(hint))}\n`);
  }
}

/** If something else was given, there need not be any drills yet. */
async function readDrillsOrNone(tools: Toolbox, settings: Settings, may: boolean) {
  try {
    return await readDrills([settings.drillsDir], tools.loadOptions(settings));
  } catch (thrown) {
    if (may && asDrillError(thrown, 'locate').code === 'drill-not-found') return { drills: [], problems: [] };
    throw thrown;
  }
}

async function parseGiven({ io }: Toolbox, text: string): Promise<SourceSpec> {
  const { spec, problems } = await parseSource(text, join(io.cwd, 'discover.yaml'), io);
  if (spec) return spec;
  throw new DrillError('usage', `${text}: ${problems[0]?.message ?? 'is not a source'}`, {
    hint: 'Write it as `backup.source` of a drill: ./backups, s3://BUCKET/PREFIX/ or rclone:REMOTE:PATH.',
  });
}

async function readServers(
  { io, loadOptions }: Toolbox,
  settings: Settings,
  engines: readonly Engine[],
  { servers, passwordFile }: DiscoverOptions,
): Promise<readonly ServerToAsk[]> {
  const { redactor } = loadOptions(settings);
  const databases = engines.flatMap(({ type, sql }) => (sql ? [{ type, sql }] : []));
  const found: ServerToAsk[] = [];
  for (const text of servers) {
    const scheme = text.slice(0, Math.max(0, text.indexOf(':')));
    const engine = databases.find(({ sql }) => sql.urlSchemes.includes(scheme));
    if (!engine) {
      throw new DrillError('usage', '--server: not the URL of a database server', {
        hint: `Write it as ${databases.map(({ sql }) => `${sql.urlSchemes[0]}://user@host`).join(', ')}.`,
      });
    }
    const address = await readDatabaseAddress(engine, { url: text, passwordFile, io, redactor });
    if (address.url.password !== '') {
      io.stderr.write(
        `WARNING: the password in --server is visible to other users of this machine; use ${engine.sql.passwordVariable} or --password-file\n`,
      );
    }
    found.push(address);
  }
  return found;
}
