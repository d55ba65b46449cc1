import type { ZodRawShape } from 'zod';
import { listWords } from '../config/fields.ts';
import { command } from './drivers/command/command.ts';
import { directory } from './drivers/directory/directory.ts';
import { rclone } from './drivers/rclone/rclone.ts';
import { s3 } from './drivers/s3/s3.ts';
import type { BackupSource } from './source.ts';
import type { SourceContext, SourceDriver, SourceSiblings } from './source-driver.ts';

/** All source drivers, one line each. */
const DRIVERS = { s3, rclone, directory, command };

type Drivers = typeof DRIVERS;
export type SourceType = keyof Drivers;
type KeysOf<T extends SourceType> = Drivers[T]['keys'];

/** A validated backup source including its secrets; kept in memory only. */
export type SourceSpec<T extends SourceType = SourceType> = {
  [One in T]: NonNullable<ReturnType<Drivers[One]['parse']>> & { readonly type: One };
}[T];

type Table = { readonly [T in SourceType]: SourceDriver<T, KeysOf<T>, SourceSpec<T>> };

export const SOURCE_DRIVERS: Table = DRIVERS;

const SOURCE_TYPES = Object.keys(DRIVERS) as readonly SourceType[];

export const ALL_DRIVERS: readonly Table[SourceType][] = SOURCE_TYPES.map((type) => SOURCE_DRIVERS[type]);

interface Credentialed {
  readonly keys: ZodRawShape;
  readonly credentials: readonly string[];
}

type Merged<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** The optional keys of all drivers. */
export const SOURCE_KEYS = Object.assign({}, ...ALL_DRIVERS.map(({ keys }) => keys)) as Merged<KeysOf<SourceType>>;

/** Those of {@link SOURCE_KEYS} that determine the identity with which a source is read. */
export const CREDENTIAL_KEYS: ZodRawShape = Object.fromEntries(
  ALL_DRIVERS.flatMap(({ keys, credentials }: Credentialed) =>
    credentials.flatMap((key) => (keys[key] ? [[key, keys[key]]] : [])),
  ),
);

/** Drivers whose sources are described by URLs or paths. */
const URL_DRIVERS = ALL_DRIVERS.filter(({ definition }) => definition === undefined);

/** Schemas of the alternatives to `url` below `source`, by key. */
export const SOURCE_DEFINITIONS = ALL_DRIVERS.flatMap(({ definition }) => definition ?? []);

/** Example source URLs of all drivers: `s3://BUCKET/PREFIX/ or a directory such as ./backups`. */
export const SOURCE_EXAMPLES = listWords(
  URL_DRIVERS.map(({ example }) => example),
  'or',
);

/** @returns undefined for a URL whose scheme no driver supports. A text without a scheme is a path. */
export function findDriver(url: string): Table[SourceType] | undefined {
  const known = URL_DRIVERS.find(({ schemes }) => schemes.some((scheme) => url.startsWith(scheme)));
  return known ?? (schemeOf(url) === undefined ? URL_DRIVERS.find(({ schemes }) => schemes.length === 0) : undefined);
}

/** @returns the driver whose sources are defined under one of these keys. */
export function findDefined(source: Readonly<Record<string, unknown>>): Table[SourceType] | undefined {
  return ALL_DRIVERS.find(({ definition }) => definition !== undefined && definition.key in source);
}

/** @returns `gs://` of `gs://acme/orders`; undefined for a text without a scheme. */
export function schemeOf(url: string): string | undefined {
  return /^[a-z][a-z0-9+.-]*:\/\//i.exec(url)?.[0];
}

export function driverOf<T extends SourceType>(spec: SourceSpec<T>): Table[T] {
  return SOURCE_DRIVERS[spec.type];
}

/** @see BackupSource for the errors it throws. */
export function openSource<T extends SourceType>(spec: SourceSpec<T>, ctx: SourceContext): Promise<BackupSource> {
  return driverOf(spec).open(spec, ctx);
}

/** The name of the source in messages and in the record: {@link BackupSource.description}. */
export function describeSource<T extends SourceType>(spec: SourceSpec<T>): string {
  return driverOf(spec).describe(spec);
}

/** The source as stored in a drill's recorded definition. */
export function sourceForRecord<T extends SourceType>(spec: SourceSpec<T>): unknown {
  return driverOf(spec).forRecord(spec);
}

/** @see SourceDriver.siblings */
export async function findSiblings<T extends SourceType>(
  spec: SourceSpec<T>,
  ctx: Pick<SourceContext, 'onRequest'>,
  signal: AbortSignal,
): Promise<SourceSiblings<SourceSpec<T>>> {
  const found = await driverOf(spec).siblings?.(spec, ctx, signal);
  return found ?? { around: undefined, others: [], problem: undefined };
}
