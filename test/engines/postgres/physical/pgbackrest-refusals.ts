import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ErrorCode } from '../../../../src/support/errors.ts';
import type { Reason } from '../../../../src/support/vocabulary.ts';
import { flipBytes } from './flip-bytes.ts';

export interface Spoiled {
  /** @returns a path in the copy of the repository. */
  readonly root: (...names: readonly string[]) => string;
  readonly labels: { readonly full: string; readonly diff: string; readonly incr: string };
}

export interface Refused {
  /** Damages the copy. */
  readonly spoil?: (place: Spoiled) => void;
  /** The passphrase given to the drill; empty for none. Default: the right one. */
  readonly word?: string;
  readonly image?: string;
  readonly match?: string;
}

interface Recorded {
  readonly code: ErrorCode;
  readonly message: unknown;
  readonly hint: unknown;
  /** Why the verdict is `failed`; undefined if there is no verdict on the backup. */
  readonly reason: Reason | undefined;
}

/** Errors from the drill itself, from the tool and from the server, tested with whole drills and their records. */
export const DRILLED: readonly (readonly [what: string, of: Refused, as: Recorded])[] = [
  [
    'a tool that is too old',
    { image: 'firedrill-test/postgres:15' },
    not(
      'version-unsupported',
      /the pgBackRest 2\.45 of .* is too old for a backup of Postgres 17/,
      /Install the version that takes the backups/,
    ),
  ],
  [
    'another passphrase',
    { word: 'other' },
    not('key-wrong', /none of the keys opens .*backup\.info/, /repo1-cipher-pass/),
  ],
  ['no passphrase', { word: '' }, not('backup-encrypted', /./, /`backup\.keys: /)],
  [
    'a damaged bundle',
    { spoil: ({ root, labels }) => flipBytes(root('backup/orders', labels.full, 'bundle/1'), 20_000) },
    failed('backup-corrupt', /I\/ cannot be restored: a file of it is damaged/, /pgbackrest verify/),
  ],
  [
    'a hole in the log after the backup',
    { spoil: ({ root }) => rmSync(segment(root, -2)) },
    failed('log-incomplete', /lacks the segment [0-9A-F]{24}, and goes on to [0-9A-F]{24}/, /Take a new backup now/),
  ],
  [
    'a damaged segment',
    { spoil: ({ root }) => flipBytes(segment(root, -2), 60) },
    failed('log-damaged', /archive\/orders\/17-1\/.* is damaged or cut off/, /another copy of the segment/),
  ],
  [
    'a damaged manifest',
    { spoil: ({ root, labels }) => damage(root('backup/orders', labels.incr), /^backup\.manifest/, 300) },
    failed('backup-corrupt', /I\/ cannot be restored/, /pgbackrest verify/),
  ],
];

/** Errors found before the tool restores anything, tested without the rest of a drill, which is the same for each. */
export const REFUSALS: readonly (readonly [what: string, of: Refused, as: Recorded])[] = [
  [
    'a stanza that is not there',
    { match: 'backup/crm/*' },
    failed(
      'backup-missing',
      /backup\/crm\/\*/,
      /no backup of the stanza crm: .* the stanza orders\./,
      'missing-backup',
    ),
  ],
  [
    'two stanzas, and none named',
    {
      match: 'backup/*/*',
      spoil: ({ root }) => {
        for (const of of ['backup', 'archive']) cpSync(root(of, 'orders'), root(of, 'crm'), { recursive: true });
      },
    },
    not('backup-ambiguous', /crm.*orders/, /match/),
  ],
  [
    'the backup that it builds on deleted',
    { spoil: ({ root, labels }) => rmSync(root('backup/orders', labels.full), { recursive: true }) },
    failed(
      'backup-truncated',
      /builds on \d{8}-\d{6}F, which is no longer in the repository/,
      /Take a full backup now/,
    ),
  ],
  [
    'both copies of backup.info damaged',
    { spoil: ({ root }) => damage(root('backup/orders'), /^backup\.info/, 300) },
    failed('backup-corrupt', /backup\.info .*checksum is wrong/, /another copy of the repository/),
  ],
  [
    'both copies of backup.info overwritten at their beginning',
    { spoil: ({ root }) => damage(root('backup/orders'), /^backup\.info/, 20) },
    failed('backup-corrupt', /backup\.info does not decrypt with the key that opens/, /another copy of the repository/),
  ],
  [
    'both copies of archive.info missing',
    { spoil: ({ root }) => remove(root('archive/orders'), /^archive\.info/) },
    failed('backup-truncated', /lacks archive\/orders\/archive\.info/, /whole repository/),
  ],
];

/** An error that says nothing about the backup. */
function not(code: ErrorCode, message: RegExp, hint: RegExp): Recorded {
  return { code, message: expect.stringMatching(message), hint: expect.stringMatching(hint), reason: undefined };
}

function failed(code: ErrorCode, message: RegExp, hint: RegExp, reason: Reason = 'unrestorable'): Recorded {
  return { ...not(code, message, hint), reason };
}

function damage(directory: string, names: RegExp, at: number): void {
  for (const name of readdirSync(directory)) if (names.test(name)) flipBytes(join(directory, name), at);
}

function remove(directory: string, names: RegExp): void {
  for (const name of readdirSync(directory)) if (names.test(name)) rmSync(join(directory, name));
}

/** @returns the path of a segment since the full backup, by its position; a negative index counts from the end. */
function segment(root: Spoiled['root'], index: number): string {
  const directory = root('archive/orders/17-1/0000000100000000');
  const names = readdirSync(directory).filter((name) => /^[0-9A-F]{24}-/.test(name));
  return join(directory, names.sort().at(index) ?? '');
}
