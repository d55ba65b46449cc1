import { toPrintable } from './printable.ts';

/**
 * How a request to a store ended. `answered`: as asked; `refused`: the store says that the request cannot be served (no permission, not there,
 * changed); `failed`: the store says that it failed; `throttled`: it asks for fewer requests; `unanswered`: no response in time, or no connection;
 * `cut`: the response ended before its last byte.
 */
export const REQUEST_OUTCOMES = ['answered', 'refused', 'failed', 'throttled', 'unanswered', 'cut'] as const;
export type RequestOutcome = (typeof REQUEST_OUTCOMES)[number];

/** Outcomes that are the provider's errors. A refusal is an answer: it says something about the request, not about the store. */
export const ERROR_OUTCOMES = ['failed', 'throttled', 'unanswered', 'cut'] as const satisfies RequestOutcome[];

/**
 * One request to a store, with what a provider's support asks for. Each attempt is one, those included that a library repeats by itself.
 * Never holds a body, a credential or a signature.
 */
export interface StoreRequest {
  readonly at: Date;
  /** What was asked, for people: `https://objects.example.com`, `S3 in eu-central-1`, `rclone:offsite:`. Never holds a secret. */
  readonly endpoint: string;
  /** In the provider's words: `GetObject`. */
  readonly operation: string;
  /** What of the store it was about; undefined: the whole of it, as for a listing. */
  readonly key: string | undefined;
  /** The status of the response, where there are such; undefined: none, or no response. */
  readonly status: number | undefined;
  /** What identifies it at the provider, by the names that the provider gives. */
  readonly requestIds: Readonly<Record<string, string>>;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Until the response began, or it was clear that there is none. */
  readonly durationMs: number;
  readonly outcome: RequestOutcome;
  /** What the store said, of one that was not answered as asked: `InternalError: please try again`. */
  readonly said: string | undefined;
  /** Headers of such a response that say where it comes from. */
  readonly headers: Readonly<Record<string, string>>;
}

export type OnStoreRequest = (request: StoreRequest) => void;

/** Longer texts of a store are cut. */
const MAX_SAID_LENGTH = 300;

/** Signatures and credentials of signed URLs, which some stores repeat in their errors. */
const SIGNATURE = /\b((?:X-[a-z]+-)?(?:Signature|Credential|Security-Token)|AWSAccessKeyId|sig)=[^&\s"'<>]+/gi;

/** A store's own words, without signatures, safe to keep and to print; undefined for none. */
export function limitSaid(text: string): string | undefined {
  const clean = text.trim().replace(SIGNATURE, '$1=(removed)');
  return clean === '' ? undefined : toPrintable(clean, MAX_SAID_LENGTH);
}

export function isProviderError({ outcome }: Pick<StoreRequest, 'outcome'>): boolean {
  return (ERROR_OUTCOMES as readonly RequestOutcome[]).includes(outcome);
}
