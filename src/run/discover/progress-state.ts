import type { SavedFold } from '../../backup/discovery/listing-fold.ts';
import type { Recognised } from '../../backup/discovery/recognise.ts';
import type { Candidate } from '../../backup/selection/candidates.ts';
import type { DiscoveryStore } from '../../record/discovery-store.ts';

/** An interrupted listing can be resumed within this time; after that, what it has seen is too old. */
export const TRUST_MS = 48 * 3_600_000;
const VERSION = 2;

/** What is known about a place from earlier scans. */
export interface PlaceState {
  /** State of a listing that is incomplete, or whose backups have not all been read. */
  readonly listing: { readonly startedAt: string; readonly isWhole: boolean; readonly fold: SavedFold } | undefined;
  /** What the newest backups contain, by {@link contentKey}: an unchanged backup is not read again. */
  readonly contents: Readonly<Record<string, Recognised>>;
}

const NOTHING: PlaceState = { listing: undefined, contents: {} };

/** @returns nothing for another version's state; a state that is too old loses its listing. */
export async function readState(
  store: Pick<DiscoveryStore, 'getDiscoveryProgress'>,
  place: string,
  now: Date,
): Promise<PlaceState> {
  const saved = await store.getDiscoveryProgress(place);
  if (!saved) return NOTHING;
  const { version, ...state } = JSON.parse(saved.state) as PlaceState & { version: number };
  if (version !== VERSION) return NOTHING;
  const ageMs = now.getTime() - saved.savedAt.getTime();
  return ageMs >= 0 && ageMs <= TRUST_MS ? state : { ...state, listing: undefined };
}

export async function saveState(
  store: Pick<DiscoveryStore, 'saveDiscoveryProgress'>,
  place: string,
  state: PlaceState,
  savedAt: Date,
): Promise<void> {
  await store.saveDiscoveryProgress({ place, savedAt, state: JSON.stringify({ version: VERSION, ...state }) });
}

/** Changes whenever the store's metadata shows that the content may have changed. */
export function contentKey({ key, sizeBytes, objects }: Candidate): string {
  const newest = objects.reduce((a, b) => (b.modifiedAt > a.modifiedAt ? b : a), objects[0] ?? NO_OBJECT);
  return `${key} ${sizeBytes} ${newest.etag}`;
}

const NO_OBJECT = { key: '', sizeBytes: 0, modifiedAt: new Date(0), etag: '' };
