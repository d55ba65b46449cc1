import { toPrintable } from './printable.ts';

/**
 * How a request to a store ended. `answered`: as requested; `refused`: the store says that the request cannot be served (no permission, not found, changed);
 * `failed`: the store says that it failed; `throttled`: it asks for fewer requests; `unanswered`: no response in time, or no connection; `cut`: the response
 * ended before its last byte.
 */
export const REQUEST_OUTCOMES = ['answered', 'refused', 'failed', 'throttled', 'unanswered', 'cut'] as const;
export type RequestOutcome = (typeof REQUEST_OUTCOMES)[number];

/** Outcomes that are the provider's errors. A refusal is an answer: it says something about the request, not about the store. */
export const ERROR_OUTCOMES = ['failed', 'throttled', 'unanswered', 'cut'] as const satisfies RequestOutcome[];

/**
 * One request to a store, with the details that a provider's support asks for. Each attempt is a request, including those that a library retries by itself.
 * Never contains a body, a credential or a signature.
 */
export interface StoreRequest {
  readonly at: Date;
  /** Where the request was sent, human-readable: `https://objects.example.com`, `S3 in eu-central-1`, `rclone:offsite:`. Never contains a secret. */
  readonly endpoint: string;
  /** In the provider's words: `GetObject`. */
  readonly operation: string;
  /** The object that it was about; undefined: the whole store, as for a listing. */
  readonly key: string | undefined;
  /** The status code of the response; undefined: the protocol has none, or there was no response. */
  readonly status: number | undefined;
  /** The ids of the request at the provider, by the provider's names for them. */
  readonly requestIds: Readonly<Record<string, string>>;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Time until the response began, or until it was clear that there is none. */
  readonly durationMs: number;
  readonly outcome: RequestOutcome;
  /** The store's message, if the request was not answered as requested: `InternalError: please try again`. */
  readonly said: string | undefined;
  /** Headers of such a response that show where it comes from. */
  readonly headers: Readonly<Record<string, string>>;
}

export type OnStoreRequest = (request: StoreRequest) => void;

/** Longer messages from a store are truncated. */
const MAX_SAID_LENGTH = 300;

/** Signatures and credentials of signed URLs, which some stores repeat in their errors. */
const SIGNATURE = /\b((?:X-[a-z]+-)?(?:Signature|Credential|Security-Token)|AWSAccessKeyId|sig)=[^&\s"'<>]+/gi;

/** A store's own message, without signatures, safe to store and to print; undefined if it is empty. */
export function limitSaid(text: string): string | undefined {
  const clean = text.trim().replace(SIGNATURE, '$1=(removed)');
  return clean === '' ? undefined : toPrintable(clean, MAX_SAID_LENGTH);
}

export function isProviderError({ outcome }: Pick<StoreRequest, 'outcome'>): boolean {
  return (ERROR_OUTCOMES as readonly RequestOutcome[]).includes(outcome);
}
