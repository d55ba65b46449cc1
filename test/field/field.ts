import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { drillCase, faultOf, loadCases } from './cases.ts';
import { type DamagedCase, planCorpus } from './corpus.ts';
import { drillBackup, putFiles } from './drill-backup.ts';
import { corpusRecipes, runtimeOf, wholeRecipes } from './recipes/all-recipes.ts';
import { faultOfRefused, refusedCases } from './refusals.ts';
import { type DamagedResult, drillOf, runDamaged, said } from './run-damaged.ts';
import { makeServers, type Servers } from './servers/servers.ts';

/** `npm run field -- damaged --only kubectl`: see test/field/README.md. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      of: { type: 'string' },
      seed: { type: 'string', default: '1' },
      'per-kind': { type: 'string', default: '4' },
      limit: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [set = ''] = values.help ? [] : positionals;
  if (!SETS.includes(set)) {
    console.log(USAGE);
    return values.help ? 0 : 64;
  }
  await using servers = await makeServers();
  const only = new RegExp(values.only ?? '');
  const wanted = (name: string) => only.test(name);
  switch (set) {
    case 'cases':
      return await runCases(wanted, values.verbose);
    case 'refused':
      return await runRefused(servers, wanted);
    case 'whole':
      return await runWhole(servers, wanted, values.verbose);
    default: {
      const of = new RegExp(values.of ?? '');
      const recipes = corpusRecipes().filter(({ name }) => of.test(name));
      const cases = planCorpus(recipes, Number(values['per-kind']), values.seed).filter(({ name }) => wanted(name));
      return await runCorpus(servers, cases.slice(0, Number(values.limit ?? cases.length)), values.verbose);
    }
  }
}

const SETS = ['cases', 'damaged', 'refused', 'whole'];
const USAGE = `npm run field -- ${SETS.join('|')} [--only PATTERN] [--of PATTERN] [--seed S] [--per-kind N] [--limit N] [--verbose]: see test/field/README.md`;

async function runCorpus(servers: Servers, cases: readonly DamagedCase[], verbose: boolean): Promise<number> {
  const counts = new Map<string, number>();
  let wrong = 0;
  await inParallel(cases, async (each) => {
    const result = await runDamaged(servers, each, runtimeOf(each.recipe)).catch((error: unknown) => String(error));
    if (result === undefined) return;
    if (typeof result === 'string') {
      wrong++;
      console.log(`BROKEN  ${each.name}: ${result}`);
      return;
    }
    const key = `${each.damage.kind} → ${result.verdict}, ${result.ruling}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    const isFine = result.ruling === 'right' || result.ruling === 'not shown';
    if (!isFine) wrong++;
    console.log(describe(each, result));
    if (verbose) console.log(result.outcome.printed);
  });
  console.log(
    [...counts]
      .sort()
      .map(([key, count]) => `${count}  ${key}`)
      .join('\n'),
  );
  console.log(`${[...counts.values()].reduce((sum, count) => sum + count, 0)} cases, ${wrong} wrong`);
  return wrong === 0 ? 0 : 1;
}

function describe(
  { name, damage }: DamagedCase,
  { ruling, verdict, restored, outcome, said: text }: DamagedResult,
): string {
  const tool = `${restored.complaint !== undefined ? `complains (${restored.complaint?.slice(0, 120)})` : 'is silent'}`;
  const check = outcome.run?.checks[0]?.passed;
  return `${ruling.padEnd(11)} ${name} [${damage.effect}] ${verdict} in ${Math.round(outcome.tookMs)} ms; copy ${check === undefined ? 'not checked' : check ? 'same' : 'differs'}; tool ${tool}
            ${text}${outcome.leaks.length > 0 ? ` LEAKS ${outcome.leaks}` : ''}`;
}

async function runCases(wanted: (name: string) => boolean, verbose: boolean): Promise<number> {
  const cases = (await loadCases()).filter(({ name }) => wanted(name));
  let wrong = 0;
  await inParallel(cases, async (each) => {
    const outcome = await drillCase(each);
    const fault = faultOf(each, outcome);
    if (fault !== undefined) wrong++;
    console.log(
      `${fault === undefined ? 'right' : 'WRONG'}  ${each.name} in ${Math.round(outcome.tookMs)} ms${fault === undefined ? '' : `: ${fault.slice(0, 400)}\n       ${each.why}`}`,
    );
    if (verbose) console.log(outcome.printed);
  });
  console.log(`${cases.length} cases, ${wrong} wrong`);
  return wrong === 0 ? 0 : 1;
}

async function runRefused(servers: Servers, wanted: (name: string) => boolean): Promise<number> {
  const cases = refusedCases().filter(({ name }) => wanted(name));
  let wrong = 0;
  await inParallel(cases, async (each) => {
    const fault = await faultOfRefused(servers, each).catch((error: unknown) => String(error));
    if (fault !== undefined) wrong++;
    console.log(`${fault === undefined ? 'right' : 'WRONG'}  ${each.name}${fault === undefined ? '' : `: ${fault}`}`);
  });
  console.log(`${cases.length} cases, ${wrong} wrong`);
  return wrong === 0 ? 0 : 1;
}

async function runWhole(servers: Servers, wanted: (name: string) => boolean, verbose: boolean): Promise<number> {
  const recipes = wholeRecipes().filter(({ name }) => wanted(name));
  let wrong = 0;
  await inParallel(recipes, async (recipe) => {
    try {
      const whole = await servers.whole(recipe);
      const outcome = await drillBackup(putFiles(whole.files), drillOf(whole, runtimeOf(recipe)));
      const isRight = outcome.verdict === 'passed' && outcome.leaks.length === 0;
      if (!isRight) wrong++;
      console.log(
        `${isRight ? 'right' : 'WRONG'}  ${recipe.name}: ${outcome.verdict} in ${Math.round(outcome.tookMs)} ms; tool ${whole.restored.complaint ?? 'is silent'}\n       ${said(outcome)}`,
      );
      if (verbose) console.log(outcome.printed);
    } catch (error) {
      wrong++;
      console.log(`BROKEN ${recipe.name}: ${String(error)}`);
    }
  });
  console.log(`${recipes.length} backups, ${wrong} wrong`);
  return wrong === 0 ? 0 : 1;
}

async function inParallel<T>(items: readonly T[], job: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  // The servers are stopped and removed in that case as well.
  process.once('SIGINT', () => rest.splice(0)).once('SIGTERM', () => rest.splice(0));
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await job(item);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

process.exitCode = await main();
