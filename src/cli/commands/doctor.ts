import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { driverOf } from '../../backup/registry.ts';
import type { Drill } from '../../config/drill-file.ts';
import { listWords } from '../../config/fields.ts';
import { readDrills } from '../../config/load-drills.ts';
import { DEFAULT_POOL } from '../../config/pool-schema.ts';
import { problemsError } from '../../config/problem.ts';
import type { Settings } from '../../config/settings.ts';
import type { Store } from '../../record/store.ts';
import { describeStore } from '../../record/store-address.ts';
import type { DrillServices } from '../../run/contract.ts';
import { dataDirectories, RUNTIME_NEEDS } from '../../sandbox/registry.ts';
import { describeRate } from '../../status/explain-requests.ts';
import { isDefaultPoolQueued } from '../../status/pool-service.ts';
import { readRates } from '../../status/read-rates.ts';
import type { EndpointRate } from '../../status/request-rates.ts';
import { asDrillError, DrillError, EXIT } from '../../support/errors.ts';
import { formatBytes } from '../../support/quantities.ts';
import { type DrillProblem, groupProblems } from '../grouped-problems.ts';
import { type Paint, painter, printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';
import { showWork } from '../work-reporter.ts';
import { wrapFor } from '../wrap.ts';
import { describeDrill, describeKeys } from './doctor-drill.ts';
import { describePool } from './doctor-pool.ts';

/** With less disk space than this, not even an empty server can be set up. */
const LITTLE_DISK_BYTES = 2 * 1e9;
/** Most of the time is spent waiting for stores. */
const DRILLS_AT_ONCE = 8;

/** One check: its result, or what is wrong and how to fix it. `needed`: drills cannot run without it. */
interface Finding {
  readonly what: string;
  readonly needed: boolean;
  look(): Promise<string>;
}

/**
 * `firedrill doctor`: checks everything that a drill needs, one line each; a line with a problem says what to do. Changes nothing except the
 * store's own file.
 */
export async function doctorCommand(
  tools: Toolbox,
  patterns: readonly string[],
  options: { readonly config: string | undefined },
): Promise<number> {
  const paint = painter(tools.io, tools.io.stdout);
  const settings = await tools.loadSettings(options.config);
  let worst: number = EXIT.passed;
  const examine = async ({ what, needed, look }: Finding): Promise<boolean> => {
    try {
      print(tools, line(paint, 'ok', what, await showWork(tools, `checking ${what}`, look)));
      return true;
    } catch (thrown) {
      const error = asDrillError(thrown);
      if (needed) worst = EXIT.errored;
      print(tools, line(paint, needed ? 'bad' : 'off', what, tools.redact(textOf(error))));
      return false;
    }
  };

  await examine({ what: 'node', needed: true, look: async () => `Node ${process.versions.node}` });
  let store: Store | undefined;
  const opened = await examine({
    what: 'store',
    needed: true,
    look: async () => {
      store = await tools.openStore(settings);
      return describeStore(settings.store);
    },
  });
  await examine({ what: 'disk', needed: true, look: () => describeDisk(settings) });
  let answering = 0;
  for (const runtime of await tools.runtimes(settings)) {
    const look = () => runtime.check(tools.io.interrupt);
    if (await examine({ what: runtime.name, needed: false, look })) answering += 1;
  }
  if (answering === 0) {
    worst = EXIT.errored;
    print(tools, line(paint, 'bad', 'runtime', `${listWords(RUNTIME_NEEDS, 'or')} is needed: no drill can run here`));
  }
  await examine({ what: 'pdf', needed: false, look: () => describePrinting(tools) });
  if (opened && store) {
    const services = tools.drillServices(settings, store);
    const rates = await readRates(store, tools.clock.now());
    if (rates.length > 0) await examine({ what: 'requests', needed: false, look: async () => describeRates(rates) });
    await examine({ what: 'drills', needed: true, look: async () => describeDrillFiles(tools, settings, patterns) });
    const { drills } = await readDrills(
      patterns.length > 0 ? patterns : [settings.drillsDir],
      tools.loadOptions(settings),
    ).catch(() => ({ drills: [] }));
    const known = store;
    const unnamed = isDefaultPoolQueued(await store.getDaemons(), tools.clock.now()) ? DEFAULT_POOL : undefined;
    for (const pool of new Set(drills.flatMap((drill) => drill.pool ?? unnamed ?? []))) {
      await examine({ what: 'pool', needed: false, look: () => describePool(pool, drills, known, tools.clock.now()) });
    }
    const used = new Set(drills.map(({ backup }) => driverOf(backup.source)));
    for (const { type, check } of used) {
      if (check) await examine({ what: type, needed: true, look: () => check(tools.io.interrupt) });
    }
    for (const drill of drills.filter(({ backup }) => backup.keys)) {
      await examine({ what: 'keys', needed: true, look: () => describeKeys(drill, services, tools.io.interrupt) });
    }
    const problems = await examineDrills(drills, tools, services, paint);
    if (problems.length > 0) worst = EXIT.errored;
    for (const { name, text } of groupProblems(problems)) print(tools, line(paint, 'bad', name, tools.redact(text)));
    await store[Symbol.asyncDispose]();
  }
  return worst;
}

/** Prints a line for each drill that can run. @returns what is wrong with the others. */
async function examineDrills(
  drills: readonly Drill[],
  tools: Toolbox,
  services: DrillServices,
  paint: Paint,
): Promise<readonly DrillProblem[]> {
  const problems: DrillProblem[] = [];
  for (let from = 0; from < drills.length; from += DRILLS_AT_ONCE) {
    const some = drills.slice(from, from + DRILLS_AT_ONCE);
    const found = await showWork(tools, 'checking drills', (tell) => {
      tell(`checking drills from ${some[0]?.name ?? ''} on`, from / drills.length);
      return Promise.allSettled(some.map((drill) => describeDrill(drill, services, tools.io.interrupt)));
    });
    for (const [index, { name }] of some.entries()) {
      const one = found[index];
      if (one?.status === 'fulfilled') print(tools, line(paint, 'ok', name, one.value));
      else problems.push({ name, text: textOf(asDrillError(one?.reason)) });
    }
  }
  return problems;
}

function print({ io: { stdout } }: Toolbox, text: string): void {
  stdout.write(wrapFor(stdout, text));
}

function textOf({ message, details, hint }: DrillError): string {
  return [message, ...details, ...(hint ? [`→ ${hint}`] : [])].join('\n');
}

function line(paint: Paint, state: 'ok' | 'bad' | 'off', what: string, text: string): string {
  const mark = state === 'ok' ? paint('green', '✔') : state === 'bad' ? paint('red', '✖') : paint('yellow', '–');
  const [first = '', ...rest] = text.split('\n').map(printable);
  return [`${mark} ${printable(what).padEnd(10)} ${first}`, ...rest.map((more) => `${' '.repeat(13)}${more}`)]
    .join('\n')
    .concat('\n');
}

/** How the stores that received requests in the last 30 days answered. */
function describeRates(rates: readonly EndpointRate[]): string {
  const unusual = rates.filter(({ state }) => state === 'unusual');
  if (unusual.length === 0)
    return `${listWords(
      rates.map(({ endpoint }) => endpoint),
      'and',
    )}: errors as usual`;
  const details = unusual.flatMap(({ endpoint, operations }) =>
    operations
      .filter(({ state }) => state === 'unusual')
      .map((one) => `${endpoint}: ${one.operation}: ${describeRate(one)}`),
  );
  throw new DrillError('source-failed', 'backup storage fails more often than usual', {
    details,
    hint: 'Make the file for a support ticket with `firedrill evidence requests --since 24h`.',
  });
}

async function describePrinting({ io: { env } }: Toolbox): Promise<string> {
  const { checkPrinting } = await import('../../report/pdf/print-pdf.ts');
  return `reports are printed by ${checkPrinting({ env, isRoot: process.getuid?.() === 0 })}`;
}

async function describeDisk(settings: Settings): Promise<string> {
  const { store } = settings;
  const places = new Set([
    ...dataDirectories(settings.sandbox),
    ...(store.kind === 'sqlite' ? [dirname(store.path)] : []),
  ]);
  const texts: string[] = [];
  for (const place of places) {
    const { bavail, bsize } = await statfs(place);
    const freeBytes = bavail * bsize;
    if (freeBytes < LITTLE_DISK_BYTES) {
      throw new DrillError('disk-full', `${formatBytes(freeBytes)} free in ${place}`, {
        hint: 'A sandbox takes several times the size of its backup: free up space, or set sandbox.dataRoot in firedrill.yaml to a larger disk.',
      });
    }
    texts.push(`${formatBytes(freeBytes)} free in ${place}`);
  }
  return texts.join(', ');
}

async function describeDrillFiles(tools: Toolbox, settings: Settings, patterns: readonly string[]): Promise<string> {
  const { drills, problems } = await readDrills(
    patterns.length > 0 ? patterns : [settings.drillsDir],
    tools.loadOptions(settings),
  );
  if (problems.length > 0) throw problemsError(problems);
  return `${drills.length} in ${patterns.length > 0 ? patterns.join(', ') : settings.drillsDir}, all well-formed`;
}
