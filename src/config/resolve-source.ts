import {
  ALL_DRIVERS,
  CREDENTIAL_KEYS,
  findDefined,
  findDriver,
  SOURCE_EXAMPLES,
  type SourceSpec,
  schemeOf,
} from '../backup/registry.ts';
import type { DrillFile } from './drill-schema.ts';
import type { References } from './references.ts';

type SourceHolder = Pick<DrillFile['backup'], 'source'>;
type Report = (path: readonly PropertyKey[], message: string) => void;

/**
 * The backup source named by the drill, variables replaced.
 * @param credentials `backup.identity.credentials`: replaces all keys that determine the identity with which a source is read.
 * @param at the key of the mapping that contains the source.
 * @param inherit the `backup` whose keys apply if the source is in the same kind of store and has none of its own: mixing them could send credentials of one
 * store to another.
 * @returns undefined if something was reported, here or while reading the variables.
 */
export function resolveSource(
  backup: SourceHolder,
  references: References,
  drillFile: string,
  report: Report,
  credentials?: Raw,
  { at, inherit }: SourcePlace = { at: ['backup'] },
): SourceSpec | undefined {
  const nested: Raw | undefined = typeof backup.source === 'string' ? undefined : backup.source;
  const topLevel: Raw = backup;
  const isOwn = (key: string) => key in topLevel || (nested !== undefined && key in nested);
  const urlPath = nested ? [...at, 'source', 'url'] : [...at, 'source'];
  let from: Inherited | undefined; // known once the driver is
  const replaced = (key: string) => (key in CREDENTIAL_KEYS ? credentials : undefined);
  const isGiven = (key: string) => {
    const instead = replaced(key);
    return instead ? key in instead : isOwn(key) || from?.[key] !== undefined;
  };
  const pathOf = (key: string) => {
    if (key === 'url') return urlPath;
    if (replaced(key)) return ['backup', 'identity', 'credentials', key];
    if (!isOwn(key) && from?.[key]) return from[key].path;
    return nested && key in nested ? [...at, 'source', key] : [...at, key];
  };
  const readValue = (key: string) => {
    const instead = replaced(key);
    if (instead) return instead[key];
    return isOwn(key) || !from?.[key] ? (nested && key in nested ? nested : topLevel)[key] : from[key].value;
  };
  const keys = ALL_DRIVERS.flatMap((driver) => Object.keys(driver.keys).map((key) => ({ key, driver })));
  for (const { key } of keys) {
    if (nested && key in nested && key in topLevel)
      report([...at, key], `is set both here and in ${at.join('.')}.source; keep one`);
  }
  const defined = nested && findDefined(nested);
  const definedAt = [...at, 'source', defined?.definition?.key ?? ''];
  if (nested && !defined && !('url' in nested)) report(urlPath, `is missing; must be ${SOURCE_EXAMPLES}`);
  if (nested && defined && 'url' in nested) report(definedAt, 'cannot be combined with url; keep one');
  const url = defined ? '' : references.texts.get(urlPath.join('.'));
  if (url === undefined) return undefined;
  const driver = defined ?? findDriver(url);
  from = driver && inherit && !keys.some(({ key }) => isOwn(key)) ? keysOf(inherit, driver, references) : undefined;
  for (const { key, driver: owner } of keys) {
    if (owner === driver || !isGiven(key)) continue;
    report(
      pathOf(key),
      `is for ${owner.schemes.map((one) => `${one} sources`).join(' and ')} only, and this source is ${driver?.title ?? 'of an unknown kind'}`,
    );
  }
  if (!driver) return reportScheme(schemeOf(url) ?? '', urlPath, report);
  return driver.parse(url, {
    text: (key) => references.texts.get(pathOf(key).join('.')),
    flag: (key) => {
      const value = readValue(key);
      return typeof value === 'boolean' ? value : undefined;
    },
    value: readValue,
    has: isGiven,
    definition: nested?.[driver.definition?.key ?? ''],
    drillFile,
    examples: SOURCE_EXAMPLES,
    report: (key, message) => report(pathOf(key), message),
  });
}

type Raw = Readonly<Record<string, unknown>>;

export interface SourcePlace {
  readonly at: readonly string[];
  readonly inherit?: SourceHolder;
}

type Inherited = Readonly<Record<string, { readonly path: readonly string[]; readonly value: unknown } | undefined>>;

/** @returns the keys of `backup` and its source, if it is in the driver's kind of store. */
function keysOf(backup: SourceHolder, driver: NonNullable<ReturnType<typeof findDriver>>, references: References) {
  const nested: Raw | undefined = typeof backup.source === 'string' ? undefined : backup.source;
  const url = references.texts.get(nested ? 'backup.source.url' : 'backup.source');
  if ((nested && findDefined(nested)) || url === undefined || findDriver(url) !== driver) return undefined;
  const holders = [
    { path: ['backup'], of: backup as Raw },
    ...(nested ? [{ path: ['backup', 'source'], of: nested }] : []),
  ];
  const found = Object.keys(driver.keys).flatMap((key) =>
    holders.flatMap(({ path, of }) => (key in of ? [[key, { path: [...path, key], value: of[key] }] as const] : [])),
  );
  return Object.fromEntries(found);
}

function reportScheme(scheme: string, path: readonly string[], report: Report): undefined {
  const advice = ALL_DRIVERS.flatMap((driver) => driver.adviseOnScheme?.(scheme) ?? []).map((text) => `; ${text}`);
  report(path, `must be ${SOURCE_EXAMPLES}; ${scheme} is not known${advice.join('')}`);
  return undefined;
}
