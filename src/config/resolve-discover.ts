import type { SourceSpec } from '../backup/registry.ts';
import type { DiscoverFile } from './discover-schema.ts';
import type { LoadOptions } from './load-drills.ts';
import { parseSource } from './parse-source.ts';
import type { Problem } from './problem.ts';
import { asMapping, type Raw, type ReadContext, readSecretInto } from './references.ts';

/** Where to search for backups and databases without a drill, including secrets. Kept in memory only. */
export interface DiscoverSettings {
  /** undefined: only manually. */
  readonly schedule: { readonly cron: string; readonly timezone: string } | undefined;
  readonly sources: readonly ExtraSource[];
  readonly servers: readonly ServerSetting[];
  readonly maxRequests: number;
}

export interface ExtraSource {
  /** As written, without keys. */
  readonly given: string;
  /** undefined: a variable or a file is missing, see `problem`. */
  readonly spec: SourceSpec | undefined;
  readonly problem: string | undefined;
}

export interface ServerSetting {
  readonly url: URL;
  readonly password: string | undefined;
  /** The variable or file that is missing. */
  readonly problem: string | undefined;
}

/** What the raw settings refer to: secrets by path, and which of them are missing. */
export interface DiscoverReferences {
  readonly texts: ReadonlyMap<string, string>;
  readonly missing: ReadonlyMap<string, string>;
}

/** Missing secrets are a problem of the discovery that needs them, not of every command. */
export async function readDiscoverReferences(settings: Raw, ctx: ReadContext): Promise<DiscoverReferences> {
  const texts = new Map<string, string>();
  const missing = new Map<string, string>();
  const servers = asMapping(settings['discover'])?.['servers'];
  const report: ReadContext['report'] = (path, code, message) => {
    if (code === 'config-invalid') ctx.report(path, code, message);
    else missing.set(path.slice(0, 4).join('.'), message);
  };
  for (const [index, server] of (Array.isArray(servers) ? servers : []).entries()) {
    const holder = asMapping(server);
    const path = ['discover', 'servers', String(index)];
    if (holder) await readSecretInto(texts, holder, path, 'password', { ...ctx, report });
  }
  return { texts, missing };
}

/** Resolves `discover:` with its references; reports problems that the schema cannot find. */
export async function resolveDiscover(
  file: DiscoverFile,
  { texts, missing }: DiscoverReferences,
  options: Pick<LoadOptions, 'cwd' | 'env' | 'redactor'> & { readonly file: string },
  report: (path: readonly PropertyKey[], message: string) => void,
): Promise<DiscoverSettings> {
  const sources: ExtraSource[] = [];
  for (const [index, source] of file.sources.entries()) {
    const given = typeof source === 'string' ? source : source.url;
    const { spec, problems } = await parseSource(source, options.file, options);
    const invalid = problems.filter(({ code }) => code === 'config-invalid');
    for (const problem of invalid) report(['discover', 'sources', index, ...keyBelow(problem)], problem.message);
    sources.push({ given, spec, problem: problems.find((one) => !invalid.includes(one))?.message });
  }
  const servers = file.servers.map((server, index): ServerSetting => {
    const path = `discover.servers.${index}.password`;
    const url = new URL(typeof server === 'string' ? server : server.url);
    return { url, password: texts.get(path), problem: missing.get(path) };
  });
  const { cron, timezone, maxRequests } = file;
  return { schedule: cron === undefined ? undefined : { cron, timezone }, sources, servers, maxRequests };
}

/** `backup.source.endpoint` → `endpoint` */
function keyBelow({ key }: Problem): readonly string[] {
  const below = /^backup\.source\.(\w+)$/.exec(key ?? '')?.[1];
  return below === undefined ? [] : [below];
}
