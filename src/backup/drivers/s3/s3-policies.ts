import type { LifecycleRule } from '@aws-sdk/client-s3';
import type { ExpiryRule } from '../../protection.ts';
import type { StoredObject } from '../../source.ts';

const DAY_MS = 86_400_000;

/**
 * The enabled lifecycle rules that will delete (or, in a versioned bucket, hide) one of the objects. Rules that select by tag are skipped, because the tags
 * are unknown. Format: the S3 user guide, "Lifecycle configuration elements".
 */
export function rulesThatExpire(
  rules: readonly LifecycleRule[],
  objects: readonly StoredObject[],
): readonly ExpiryRule[] {
  return rules.flatMap((rule) => {
    const { Status, Expiration, ID } = rule;
    if (Status !== 'Enabled' || !Expiration) return [];
    const hit = objects.find((object) => selects(rule, object));
    if (!hit) return [];
    const name = ID ?? prefixOf(rule);
    if (Expiration.Days !== undefined) return [{ name, afterMs: Expiration.Days * DAY_MS }];
    const date = Expiration.Date;
    return date ? [{ name, afterMs: Math.max(0, date.getTime() - hit.modifiedAt.getTime()) }] : [];
  });
}

function selects(rule: LifecycleRule, { key, sizeBytes }: StoredObject): boolean {
  const { Filter } = rule;
  const all = { ...Filter, ...Filter?.And };
  if (all.Tag || all.Tags?.length) return false;
  if (all.ObjectSizeGreaterThan !== undefined && sizeBytes <= all.ObjectSizeGreaterThan) return false;
  if (all.ObjectSizeLessThan !== undefined && sizeBytes >= all.ObjectSizeLessThan) return false;
  return key.startsWith(prefixOf(rule));
}

function prefixOf({ Filter, ...rule }: LifecycleRule): string {
  const old = (rule as { readonly Prefix?: string }).Prefix; // from before there were filters
  return Filter?.Prefix ?? Filter?.And?.Prefix ?? old ?? '';
}

const DELETIONS = ['s3:DeleteObjectVersion'];

/**
 * Whether the policy unconditionally denies everybody the deletion of versions of all the objects. Anyone who may change the policy can revoke that. Format:
 * the IAM user guide, "Policies: JSON element reference".
 */
export function deniesDeletion(policy: string | undefined, bucket: string, objects: readonly StoredObject[]): boolean {
  const { Statement } = JSON.parse(policy ?? '{}') as { readonly Statement?: unknown };
  const statements = (Array.isArray(Statement) ? Statement : [Statement]) as readonly (PolicyStatement | undefined)[];
  return statements.some((statement) => {
    if (statement?.Effect !== 'Deny' || statement.Condition || !isEverybody(statement.Principal)) return false;
    const actions = listOf(statement.Action);
    const resources = listOf(statement.Resource);
    return (
      DELETIONS.every((action) => actions.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase()))) &&
      objects.every(({ key }) => resources.some((pattern) => matches(pattern, `arn:aws:s3:::${bucket}/${key}`)))
    );
  });
}

interface PolicyStatement {
  readonly Effect?: unknown;
  readonly Principal?: unknown;
  readonly Action?: unknown;
  readonly Resource?: unknown;
  readonly Condition?: unknown;
}

function isEverybody(principal: unknown): boolean {
  if (principal === '*') return true;
  const aws = typeof principal === 'object' && principal !== null ? (principal as { AWS?: unknown }).AWS : undefined;
  return listOf(aws).includes('*');
}

function listOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');
}

/** `*` matches any characters and `?` exactly one; takes linear time in the text per star. */
function matches(pattern: string, text: string): boolean {
  let [at, from, star, mark] = [0, 0, -1, 0];
  while (from < text.length) {
    if (at < pattern.length && pattern[at] === '*') {
      star = at;
      mark = from;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[from])) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      mark += 1;
      from = mark;
      at = star + 1;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
