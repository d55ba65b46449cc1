import { directory } from './drivers/directory/directory.ts';
import { s3 } from './drivers/s3/s3.ts';
import type { BackupSource } from './source.ts';
import type { SourceDriver } from './source-driver.ts';

/** Every kind of source, one line each. */
const DRIVERS = { s3, directory };

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

type Merged<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** The optional keys of every driver. */
export const SOURCE_KEYS = Object.assign({}, ...ALL_DRIVERS.map(({ keys }) => keys)) as Merged<KeysOf<SourceType>>;

/** @param scheme undefined: a path. */
export function findDriver(scheme: string | undefined): Table[SourceType] | undefined {
  return ALL_DRIVERS.find(({ schemes }) => (scheme === undefined ? schemes.length === 0 : schemes.includes(scheme)));
}

export function driverOf<T extends SourceType>(spec: SourceSpec<T>): Table[T] {
  return SOURCE_DRIVERS[spec.type];
}

/** @see BackupSource for what it throws. */
export function openSource<T extends SourceType>(spec: SourceSpec<T>): Promise<BackupSource> {
  return driverOf(spec).open(spec);
}

/** The source as stored in a drill's recorded definition. */
export function sourceForRecord<T extends SourceType>(spec: SourceSpec<T>): unknown {
  return driverOf(spec).forRecord(spec);
}
