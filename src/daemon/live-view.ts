import { z } from 'zod';
import type { CheckRecord } from '../record/check-record.ts';
import { PHASES, STAGES } from '../support/vocabulary.ts';
import type { LiveRun } from './control.ts';

/** Keeps a snapshot within a few tens of kilobytes, whatever the run. */
const SHOWN_CHECKS = 60;
const SHOWN_CHARACTERS = 300;

/** A run in progress, as published to other processes: plain data with truncated texts. Checks beyond a limit are only counted. */
export function toLiveView(run: LiveRun): object {
  const checks = run.checks.toSorted((a, b) => Number(a.passed) - Number(b.passed)).slice(0, SHOWN_CHECKS);
  const { progress, prediction, backup, lastLines } = run;
  return {
    ...run,
    progress: progress && { ...progress, doing: cut(progress.doing) },
    prediction: prediction && { ...prediction, why: cut(prediction.why) },
    backup: backup && { ...toBackup(backup), key: backup.key.slice(0, 1024) },
    lastLines: lastLines.map((line) => ({ ...line, text: cut(line.text) })),
    checks: checks.map(toCheck),
    moreChecks: run.checks.length - checks.length + (run.moreChecks ?? 0),
  };
}

/** @returns undefined for data written by another version of Firedrill in an unknown shape. */
export function readLiveView(view: unknown): LiveRun | undefined {
  return liveSchema.safeParse(view).data;
}

function toCheck({ name, passed, expected, actual, durationMs }: CheckRecord) {
  return { name: cut(name), passed, expected: cut(expected), actual: cut(actual), durationMs };
}

function toBackup({ sizeBytes, takenAt, selection }: NonNullable<LiveRun['backup']>) {
  return { sizeBytes, takenAt, selection };
}

function cut(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS - 1)}…`;
}

const instant = z.iso.datetime().transform((text) => new Date(text));

/** JSON omits undefined values. */
function maybe<Schema extends z.ZodType>(schema: Schema) {
  return schema.optional().transform((value) => value);
}

const progressSchema = z.object({
  doing: z.string(),
  phase: z.enum(PHASES),
  covers: z.array(z.enum(PHASES)),
  isOfStep: z.boolean().exactOptional(),
  bytesRead: z.number(),
  totalBytes: z.number(),
  bytesPerSecond: maybe(z.number()),
  ratio: maybe(z.number()),
  isStalled: z.boolean(),
});

const stageSchema = z.object({
  name: z.enum(STAGES),
  startedAt: instant,
  durationMs: z.number(),
  outcome: z.enum(['ok', 'failed', 'errored', 'interrupted', 'skipped']),
  phases: z.array(
    z.object({
      name: z.enum(PHASES),
      startedAt: instant.exactOptional(),
      durationMs: z.number(),
      bytes: z.number().exactOptional(),
    }),
  ),
});

const liveSchema: z.ZodType<LiveRun> = z.object({
  runId: z.string(),
  drill: z.string(),
  startedAt: instant,
  triggeredBy: z.string(),
  stages: z.array(stageSchema),
  stage: maybe(z.object({ name: z.enum(STAGES), startedAt: instant })),
  progress: maybe(progressSchema),
  prediction: maybe(
    z.object({
      elapsedMs: z.number(),
      rtoMs: z.number(),
      finish: maybe(z.object({ likelyMs: z.number(), lowMs: z.number(), highMs: z.number() })),
      why: z.string(),
    }),
  ),
  backup: maybe(z.object({ key: z.string(), sizeBytes: z.number(), takenAt: instant, selection: maybe(z.string()) })),
  rtoMs: z.number(),
  lastLines: z.array(z.object({ at: instant, level: z.enum(['info', 'warn', 'error']), text: z.string() })),
  checks: z.array(
    z.object({
      name: z.string(),
      passed: z.boolean(),
      expected: z.string(),
      actual: z.string(),
      durationMs: z.number(),
    }),
  ),
  moreChecks: z.number().exactOptional(),
  kept: maybe(z.object({ until: instant, shellCommand: z.string(), clientCommand: z.string() })),
  keepMs: maybe(z.number()),
});
