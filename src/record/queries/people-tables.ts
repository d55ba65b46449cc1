import type { Generated } from 'kysely';
import type { AcknowledgementKind, Role } from '../../support/vocabulary.ts';

/** Tables of user actions: signing in, accepting data, acknowledging problems, planning maintenance. */

export interface AcknowledgementTable {
  readonly id: Generated<number>;
  readonly drill: string;
  readonly kind: AcknowledgementKind;
  readonly fingerprint: string | null;
  readonly made_at: string;
  readonly made_by: string;
  readonly reason: string;
  readonly until: string | null;
  readonly ended_at: string | null;
  readonly ended_by: string | null;
}

export interface SilenceTable {
  readonly id: string;
  readonly match: string;
  readonly starts_at: string;
  readonly ends_at: string;
  readonly reason: string;
  /** 0 or 1. */
  readonly pauses_runs: number;
  readonly made_at: string;
  readonly made_by: string;
  readonly ended_at: string | null;
  readonly ended_by: string | null;
}

export interface AcceptanceTable {
  readonly run_id: string;
  readonly accepted_at: string;
  readonly accepted_by: string;
  readonly reason: string;
  /** 0 or 1. */
  readonly recurring: number;
}

export interface AccessTokenTable {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly hash: string;
  readonly created_at: string;
  readonly last_used_at: string | null;
  readonly revoked_at: string | null;
}

export interface AccessSessionTable {
  readonly hash: string;
  readonly token_id: string;
  readonly created_at: string;
  readonly last_seen_at: string;
  readonly expires_at: string;
}
