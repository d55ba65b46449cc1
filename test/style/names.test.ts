import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

/** Metaphors, as words within an identifier. `runbook` counts as one word. */
const WORDS = new Set([
  'desk',
  'book',
  'alarm',
  'wish',
  'hollow',
  'messenger',
  'lonely',
  'box',
  'boxes',
  'courier',
  'confession',
]);

/** Names that have a better alternative. */
const NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Wanted: 'QueuedRun',
    checkBox: 'checkCompatibility',
    ServerSigns: 'ServerLogPatterns',
    leftOut: 'skippedStatement',
    keeper: 'adminSession',
    requireNoScheduler: 'assertEventSchedulerOff',
    whyToSweep: 'sweepReason',
    GoingOn: 'ActiveRun',
    standsInFor: 'retryOf',
    freshAttemptOf: 'dueRetry',
    hangUp: 'reload',
    turnedAt: 'lastGoodTickAt',
    loopedAt: 'lastTickAt',
    lookForNewest: 'pollNewestBackup',
    lookEveryMs: 'pollIntervalMs',
    tellPeople: 'notifyChannels',
    runAndTell: 'runWithHeartbeat',
    endAbandoned: 'markAbandonedInterrupted',
    digestDrill: 'summarizeDrill',
    recordAgainAfterMs: 'recordRetryDelaysMs',
    formatPlace: 'formatOrdinal',
    dateThem: 'withTakenAt',
    Externals: 'References',
    Surroundings: 'ReadContext',
    Notice: 'Notification',
    NoticeStore: 'NotificationStore',
    Told: 'QueuedAlert',
    Seen: 'what was seen',
    isListedAtomically: 'isCompleteOnceListed',
    twin: 'the first of two',
  }),
);

it('detects a banned word inside a longer name, but ignores runbook', () => {
  expect(
    findBanned(
      'class RunDesk { hangUp() {} } const drillBook = runbookOf; // a desk\nconst MOST_NAMES = 3, mostRecent = 1, sandbox = 2;',
    ),
  ).toEqual([
    'RunDesk: no metaphors',
    'hangUp: write reload',
    'drillBook: no metaphors',
    'MOST_NAMES: write MAX_ or MIN_',
  ]);
});

it('no identifier in src is banned', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(300);
  const found = files.flatMap((name) =>
    [...new Set(findBanned(readFileSync(join(SRC, name), 'utf8')))].map((problem) => `src/${name}: ${problem}`),
  );
  expect(found).toEqual([]);
});

/** @returns banned identifiers in the source text, each with what to use instead; comments and strings are ignored. */
function findBanned(text: string): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const better = NAMES.get(node.text);
      if (better !== undefined) found.push(`${node.text}: write ${better}`);
      else if (/^(?:MOST|LONGEST|LEAST|FEWEST|SHORTEST|SMALLEST)_/.test(node.text))
        found.push(`${node.text}: write MAX_ or MIN_`);
      else if (wordsOf(node.text).some((word) => WORDS.has(word))) found.push(`${node.text}: no metaphors`);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest));
  return found;
}

/** `drillBook` → `drill`, `book`; `MOST_NAMES` → `most`, `names`. */
function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[ _$]+/);
}
