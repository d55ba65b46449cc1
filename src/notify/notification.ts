import type { StandingState } from '../support/vocabulary.ts';

/**
 * A notification as data; each channel formats it. It is stored as JSON until it is delivered, so instants are ISO 8601 in UTC. It contains no secrets. Its
 * texts may come from a backup and are untrusted: every channel escapes them for its format.
 */
export interface Notification {
  /** Unique, so that receivers can detect duplicates. */
  readonly id: string;
  readonly kind: NotificationKind;
  readonly at: string;
  /** The drill that it is about; undefined for a digest or a test. */
  readonly drill:
    | { readonly name: string; readonly owner: string | undefined; readonly tier: number | undefined }
    | undefined;
  readonly state: StandingState | undefined;
  /** One line: `FAILED orders: recovery took 41 min, target 30 min (11 min over)`. */
  readonly headline: string;
  /** When the drill entered this state. */
  readonly since: string | undefined;
  /** Rows of label and text: recovery time against target, age of the data, backup, run. */
  readonly facts: readonly { readonly label: string; readonly text: string }[];
  /** A full sentence. */
  readonly nextStep: string | undefined;
  readonly links: readonly { readonly label: string; readonly url: string }[];
  /** In a digest: one row for each drill, worst first. */
  readonly rows: readonly { readonly state: StandingState; readonly drill: string; readonly text: string }[];
}

/**
 * `problem`: a new problem, when all was well or nothing was known; `changed`: a different problem; `reminder`: still the same problem; `resolved`: well again;
 * `digest`: the periodic summary; `test`: a test of the channel.
 */
export const NOTIFICATION_KINDS = ['problem', 'changed', 'reminder', 'resolved', 'digest', 'test'] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];
