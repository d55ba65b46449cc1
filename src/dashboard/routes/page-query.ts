import type { Context } from 'hono';
import { z } from 'zod';
import { runsQuery } from '../api/request-schemas.ts';
import { DRILL_RANGES } from '../drill-range.ts';
import type { RunsQuery } from '../runs-filter.ts';
import { parseCursor, type RunCursor } from '../runs-view.ts';

/** Parameters added by our own scripts and redirects: the requested part of the page, and the action just performed. */
const added = { part: z.string().max(100).optional(), said: z.string().max(40).optional() };
const after = z
  .string()
  .refine((text) => parseCursor(text) !== undefined)
  .optional();

/** For pages without parameters. */
export const plainQuery = z.strictObject(added);

export const drillQuery = z.strictObject({
  ...added,
  after,
  range: z.enum(DRILL_RANGES.map((days) => `${days}d` as const)).optional(),
});

export const compareQuery = z.strictObject({ with: z.string().max(200).optional() });

/** Empty form fields are ignored. @returns undefined for a parameter that is unknown or invalid. */
export function readQuery<Query>(context: Context, schema: z.ZodType<Query>): Query | undefined {
  const given = Object.entries(context.req.query()).filter(([, value]) => value !== '');
  const parsed = schema.safeParse(Object.fromEntries(given));
  return parsed.success ? parsed.data : undefined;
}

/** @returns undefined like {@link readQuery}, and for an invalid cursor. */
export function readRunsQuery(context: Context): { query: RunsQuery; after: RunCursor | undefined } | undefined {
  const asked = readQuery(context, runsQuery);
  if (!asked) return undefined;
  const { after: from, limit: _, ...query } = asked;
  const cursor = parseCursor(from);
  return from === undefined || cursor ? { query, after: cursor } : undefined;
}
