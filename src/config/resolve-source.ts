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
 * @param credentials `backup.identity.credentials`: takes the place of all keys that decide as whom a source is read.
 * @param at the key of the mapping that holds the source.
 * @returns undefined when something was reported, here or while the variables were read.
 */
export function resolveSource(
  backup: SourceHolder,
  references: References,
  drillFile: string,
  report: Report,
  credentials?: Raw,
  at: readonly string[] = ['backup'],
): SourceSpec | undefined {
  const nested: Raw | undefined = typeof backup.source === 'string' ? undefined : backup.source;
  const topLevel: Raw = backup;
  const urlPath = nested ? [...at, 'source', 'url'] : [...at, 'source'];
  const replaced = (key: string) => (key in CREDENTIAL_KEYS ? credentials : undefined);
  const isGiven = (key: string) => {
    const instead = replaced(key);
    return instead ? key in instead : key in topLevel || (nested !== undefined && key in nested);
  };
  const pathOf = (key: string) => {
    if (key === 'url') return urlPath;
    if (replaced(key)) return ['backup', 'identity', 'credentials', key];
    return nested && key in nested ? [...at, 'source', key] : [...at, key];
  };
  const readValue = (key: string) => (replaced(key) ?? (nested && key in nested ? nested : topLevel))[key];
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

function reportScheme(scheme: string, path: readonly string[], report: Report): undefined {
  const advice = ALL_DRIVERS.flatMap((driver) => driver.adviseOnScheme?.(scheme) ?? []).map((text) => `; ${text}`);
  report(path, `must be ${SOURCE_EXAMPLES}; ${scheme} is not known${advice.join('')}`);
  return undefined;
}
