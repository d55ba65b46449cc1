import type { StandingState } from '../support/vocabulary.ts';

/**
 * What is told, as data: each channel puts it in its own form. It is kept as JSON until it has arrived, so instants are ISO 8601 in UTC. It holds no
 * secret; texts in it may come from a backup and are hostile: every channel escapes them in its own way.
 */
export interface Notice {
  /** Unique; receivers can tell a repetition by it. */
  readonly id: string;
  readonly kind: NoticeKind;
  readonly at: string;
  /** What it is about; undefined for a digest and a test. */
  readonly drill:
    | { readonly name: string; readonly owner: string | undefined; readonly tier: number | undefined }
    | undefined;
  readonly state: StandingState | undefined;
  /** One line: `FAILED orders: recovery took 41 min, target 30 min (11 min over)`. */
  readonly headline: string;
  /** Since when it stands so. */
  readonly since: string | undefined;
  /** Rows of label and text: recovery time against target, age of the data, backup, run. */
  readonly facts: readonly { readonly label: string; readonly text: string }[];
  /** A full sentence. */
  readonly nextStep: string | undefined;
  readonly links: readonly { readonly label: string; readonly url: string }[];
  /** Of a digest: one row for each drill, worst first. */
  readonly rows: readonly { readonly state: StandingState; readonly drill: string; readonly text: string }[];
}

/**
 * `problem`: it was well, or nothing was known, and is not; `changed`: in trouble for another reason; `reminder`: still in the same trouble;
 * `resolved`: well again; `digest`: how the night was; `test`: somebody tries the channel.
 */
export const NOTICE_KINDS = ['problem', 'changed', 'reminder', 'resolved', 'digest', 'test'] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];
