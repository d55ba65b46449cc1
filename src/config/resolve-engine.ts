import { ENGINE_DESCRIPTORS, ENGINE_TYPES, OWN_ENGINE_KEYS } from '../engines/registry.ts';
import { explainSetting } from '../engines/server-settings.ts';
import { argvOf, needsOf } from '../verify/check-traits.ts';
import { isAboveZero } from '../verify/evaluate.ts';
import { requiredData } from '../verify/kinds/files/required-data.ts';
import { CHECK_KEYS, CHECK_KINDS, type CheckSpec } from '../verify/registry.ts';
import type { EngineSpec } from './drill-file.ts';
import type { DrillFile } from './drill-schema.ts';
import { listWords } from './fields.ts';

type Report = (path: readonly PropertyKey[], message: string) => void;

/** The values of the engine’s own keys, if it has any. Reports keys of other engines. */
export function resolveEngineOptions(
  { engine, sandbox }: Pick<DrillFile, 'engine' | 'sandbox'>,
  checks: readonly CheckSpec[],
  report: Report,
): Pick<EngineSpec, 'options'> {
  const { options, title } = ENGINE_DESCRIPTORS[engine.type];
  const own: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(engine)) {
    if (!Object.hasOwn(OWN_ENGINE_KEYS, key) || value === undefined) continue;
    if (options && Object.hasOwn(options.keys, key)) own[key] = value;
    else report(['engine', key], `is not a key of ${title}`);
  }
  if (!options) return {};
  const drilled = checks.map((check) => ({
    needs: needsOf(check),
    argv: argvOf(check),
    isJudged: 'expect' in check && check.expect !== undefined,
    isAboveZero: check.kind === 'command' && check.expect !== undefined && isAboveZero(check.expect),
    ...(check.kind === 'files' && { required: requiredData(check.files) }),
  }));
  return { options: options.resolve(own, { image: engine.image, runtime: sandbox.runtime, checks: drilled, report }) };
}

/** Reports checks of kinds that the engine does not support. @param pathOf the path of each check in the drill file. */
export function checkCapabilities(
  { engine }: Pick<DrillFile, 'engine'>,
  checks: readonly CheckSpec[],
  pathOf: (check: CheckSpec) => readonly PropertyKey[],
  report: Report,
): void {
  const { offers } = ENGINE_DESCRIPTORS[engine.type];
  const taken = CHECK_KEYS.filter((key) => offers.includes(CHECK_KINDS[key].needs)).map((key) => `\`${key}\``);
  for (const check of checks) {
    const needs = needsOf(check);
    if (offers.includes(needs)) continue;
    const what = NEEDED[needs];
    report(
      pathOf(check),
      `needs ${what}, which \`engine.type: ${engine.type}\` does not restore; it takes ${listWords(taken, 'and')}`,
    );
  }
}

const NEEDED: Readonly<Record<ReturnType<typeof needsOf>, string>> = {
  sql: 'a database that speaks SQL',
  catalog: 'a database whose catalog is read',
  keys: 'keys and references that the database keeps',
  hashes: 'a database that hashes its rows',
  logins: 'a database that applications log in to',
  files: 'restored files',
  commands: 'a server that answers commands',
  program: 'a sandbox that runs programs',
};

export function resolvePreload(engine: DrillFile['engine'], report: Report): readonly string[] {
  if (engine.preload.length > 0 && !ENGINE_DESCRIPTORS[engine.type].sql?.canPreload) {
    const able = ENGINE_TYPES.filter((type) => ENGINE_DESCRIPTORS[type].sql?.canPreload);
    report(['engine', 'preload'], `works with ${listWords(able, 'and')} only, and the engine is ${engine.type}`);
  }
  return engine.preload;
}

export function resolveSettings(
  { type, settings }: DrillFile['engine'],
  report: Report,
): Readonly<Record<string, string>> {
  const resolved: Record<string, string> = {};
  for (const [name, value] of Object.entries(settings)) {
    const text = typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
    const problem = explainSetting(ENGINE_DESCRIPTORS[type], name, text);
    if (problem) report(['engine', 'settings', name], problem);
    resolved[name] = text;
  }
  return resolved;
}
