import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { FleetLimits } from '../record/run-limits.ts';
import type { StoreAddress } from '../record/store-address.ts';
import {
  describeDefaultRuntime,
  RUNTIME_NAMES,
  type RuntimeName,
  type RuntimesSettings,
  resolveRuntimeSettings,
} from '../sandbox/registry.ts';
import { DrillError } from '../support/errors.ts';
import { parseSizeBytes } from '../support/quantities.ts';
import type { Price } from '../support/reading.ts';
import { Redactor } from '../support/redact.ts';
import { type AccessSettings, resolveAccess } from './access-schema.ts';
import { listWords } from './fields.ts';
import { explainBudget, resolveLimits } from './limits-schema.ts';
import { resolvePrices } from './prices-schema.ts';
import { formatKey, inFileOrder, type Problem, problemsError } from './problem.ts';
import { asMapping, readSecretInto } from './references.ts';
import { reportIssues } from './report-issues.ts';
import { type DiscoverSettings, readDiscoverReferences, resolveDiscover } from './resolve-discover.ts';
import { type NotifySettings, readNotifyReferences, resolveNotify } from './resolve-notify.ts';
import { type ReportSpec, resolveReports } from './resolve-reports.ts';
import { resolveStore, resolveStoreVariable } from './resolve-store.ts';
import { resolveServe, type ServeSettings } from './serve-schema.ts';
import { type SettingsFile, settingsSchema } from './settings-schema.ts';
import { showPath } from './show-path.ts';
import type { Environment } from './variables.ts';
import { readYaml } from './yaml-file.ts';

/** Settings for all drills on this machine: defaults, then `firedrill.yaml`, then the environment. */
export interface Settings {
  /** Absolute path of the settings file; undefined: none exists. */
  readonly file: string | undefined;
  readonly store: StoreAddress;
  /** Relative to the working directory if below it, else absolute. */
  readonly drillsDir: string;
  /** For drills that name none; undefined: the first one that can create a sandbox. */
  readonly runtime: RuntimeName | undefined;
  /** Image name replacements of this installation, by the public name. */
  readonly images: Readonly<Record<string, string>>;
  readonly prices: readonly Price[];
  readonly sandbox: RuntimesSettings & {
    readonly memoryBytes: number | undefined;
    readonly cpus: number | undefined;
  };
  readonly serve: ServeSettings;
  readonly limits: FleetLimits;
  readonly access: AccessSettings;
  readonly notify: NotifySettings;
  readonly reports: readonly ReportSpec[];
  readonly discover: DiscoverSettings;
  /** Without a trailing slash; undefined: messages have no links to runs. */
  readonly publicUrl: string | undefined;
  readonly logLevel: SettingsFile['logLevel'];
}

export interface SettingsOptions {
  /** From `--config`; undefined: `FIREDRILL_CONFIG`, or `firedrill.yaml` in `cwd` if it exists. */
  readonly file?: string | undefined;
  /** Absolute. */
  readonly cwd: string;
  readonly env: Environment;
  /** Collects every secret that is read. */
  readonly redactor?: Redactor;
}

/**
 * Reads the settings from `firedrill.yaml` and the environment, with defaults for the rest.
 * @throws `config-invalid` with every problem, `config-missing-file` for a named file that does not exist.
 */
export async function loadSettings({ file, cwd, env, redactor = new Redactor() }: SettingsOptions): Promise<Settings> {
  const named = file ?? (env['FIREDRILL_CONFIG'] || undefined);
  const path = resolve(cwd, named ?? 'firedrill.yaml');
  const bytes = await readSettingsFile(path, showPath(path, cwd), named !== undefined);
  const base = bytes ? dirname(path) : cwd;
  const parsed = await parseSettings(path, showPath(path, cwd), bytes ?? new Uint8Array(), {
    cwd,
    env,
    redactor,
    base,
  });
  const { settings } = parsed;
  const { memory, cpus, ...ofRuntimes } = settings.sandbox;
  return {
    file: bytes ? path : undefined,
    store: readStoreVariable({ cwd, env, redactor }) ?? parsed.store,
    drillsDir: showPath(resolve(base, settings.drills), cwd),
    runtime: readRuntimeVariable(env) ?? settings.runtime,
    images: settings.images,
    prices: resolvePrices(settings.prices),
    sandbox: {
      memoryBytes: memory === undefined ? undefined : parseSizeBytes(memory),
      cpus,
      ...resolveRuntimeSettings(ofRuntimes, (path) => resolve(base, path)),
    },
    serve: resolveServe(settings.serve),
    limits: resolveLimits(settings.limits),
    access: parsed.access,
    notify: parsed.notify,
    reports: parsed.reports,
    discover: parsed.discover,
    publicUrl: settings.publicUrl?.replace(/\/+$/, ''),
    logLevel: settings.logLevel,
  };
}

async function readSettingsFile(path: string, shown: string, isNamed: boolean): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    if (code === 'ENOENT' && !isNamed) return undefined; // the file is optional
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new DrillError('config-missing-file', `the settings file ${shown} ${why}`, {
      hint: 'Correct --config or FIREDRILL_CONFIG; without them firedrill.yaml is read where there is one.',
      cause: error,
    });
  }
}

interface Surrounding {
  readonly cwd: string;
  readonly env: Environment;
  readonly redactor: Redactor;
}

async function parseSettings(
  file: string,
  shown: string,
  bytes: Uint8Array,
  { cwd, env, redactor, base }: Surrounding & { readonly base: string },
): Promise<
  Pick<Settings, 'store' | 'access' | 'notify' | 'reports' | 'discover'> & { readonly settings: SettingsFile }
> {
  const yaml = readYaml(shown, bytes, {});
  const problems: Problem[] = [...yaml.problems];
  const missing: Problem[] = [];
  const report = (path: readonly PropertyKey[], code: Problem['code'], message: string) => {
    const problem = {
      code,
      file: shown,
      ...yaml.locate(path),
      key: formatKey(path),
      message: redactor.redact(message),
    };
    (code === 'config-invalid' ? problems : missing).push(problem);
  };
  const references = await readNotifyReferences(yaml.value ?? {}, { file, env, redactor, report });
  const discoverReferences = await readDiscoverReferences(yaml.value ?? {}, { file, env, redactor, report });
  const accessTexts = new Map<string, string>();
  const accessHolder = asMapping(asMapping(yaml.value)?.['access']);
  if (accessHolder)
    await readSecretInto(accessTexts, accessHolder, ['access'], 'badgeKey', { file, env, redactor, report });
  const parsed = settingsSchema.safeParse(yaml.value ?? {});
  if (yaml.value && !parsed.success) problems.push(...reportIssues(shown, yaml, settingsSchema, parsed.error.issues));
  const reportInvalid = (path: readonly PropertyKey[], message: string) => report(path, 'config-invalid', message);
  const notify = parsed.success ? resolveNotify(parsed.data.notify, references, env, reportInvalid) : undefined;
  const access = parsed.success
    ? resolveAccess(parsed.data.access, accessTexts.get('access.badgeKey'), reportInvalid)
    : undefined;
  const reports = parsed.success ? resolveReports(parsed.data.reports, parsed.data.notify, reportInvalid) : [];
  const badBudget = parsed.success ? explainBudget(parsed.data.limits, parsed.data.prices) : undefined;
  if (badBudget !== undefined) reportInvalid(['limits', 'costPerMonth'], badBudget);
  const discover = parsed.success
    ? await resolveDiscover(parsed.data.discover, discoverReferences, { file, cwd, env, redactor }, reportInvalid)
    : undefined;
  const isElsewhere = Boolean(env['FIREDRILL_STORE']); // what it overrides is not read
  const store = resolveStore(parsed.success && !isElsewhere ? parsed.data.store : '.', {
    env,
    redactor,
    base,
  });
  if ('code' in store) problems.push({ ...store, file: shown, ...yaml.locate(['store']), key: 'store' });
  // Missing references are reported along with problems, but are not an error by themselves: see NotifySettings.missing.
  if (problems.length > 0 || !parsed.success || !notify || !discover || !access || 'code' in store)
    throw problemsError(inFileOrder([...problems, ...missing]));
  return { settings: parsed.data, store, access, notify: { ...notify, missing }, reports, discover };
}

function readStoreVariable({ cwd, env, redactor }: Surrounding): StoreAddress | undefined {
  const text = env['FIREDRILL_STORE'];
  if (!text) return undefined;
  const store = resolveStoreVariable(text, { redactor, base: cwd });
  if (!('code' in store)) return store;
  throw new DrillError('config-invalid', `the variable FIREDRILL_STORE ${store.message}`, {
    hint: 'Correct the variable, or unset it to use `store` of the settings.',
  });
}

function readRuntimeVariable(env: Environment): RuntimeName | undefined {
  const text = env['FIREDRILL_RUNTIME'];
  if (!text) return undefined;
  const runtime = RUNTIME_NAMES.find((name) => name === text);
  if (runtime) return runtime;
  throw new DrillError(
    'config-invalid',
    `the variable FIREDRILL_RUNTIME must be ${listWords(RUNTIME_NAMES, 'or')}, not ${JSON.stringify(text)}`,
    {
      hint: `Correct the variable or unset it; the default is ${describeDefaultRuntime()}.`,
    },
  );
}
