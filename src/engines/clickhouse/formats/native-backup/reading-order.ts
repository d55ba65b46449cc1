/** A materialized view that is refreshed. */
export interface RefreshedView {
  readonly database: string;
  readonly table: string;
  /** Its definition. */
  readonly text: string;
  readonly appends: boolean;
  readonly paused: boolean;
}

/**
 * Sorts each view after those whose name, or whose target's name, its query mentions. A name that means another table does no harm: it only changes the order.
 * Views that read each other in a cycle keep their order.
 */
export function inReadingOrder(views: readonly RefreshedView[]): readonly RefreshedView[] {
  const ordered = new Set<RefreshedView>();
  const begun = new Set<RefreshedView>();
  const named = new Map<string, RefreshedView[]>();
  for (const view of views) for (const name of namesOf(view)) named.set(name, [...(named.get(name) ?? []), view]);
  for (const view of views) add(view);
  return [...ordered];

  function add(view: RefreshedView): void {
    if (begun.has(view)) return;
    begun.add(view);
    for (const name of wordsOf(queryOf(view))) for (const read of named.get(name) ?? []) add(read);
    ordered.add(view);
  }
}

function namesOf({ table, text }: RefreshedView): ReadonlySet<string> {
  const head = text.slice(0, text.indexOf(' AS '));
  const target = /\sTO\s+(?:(?:`[^`]*`|\w+)\.)?(`[^`]*`|\w+)/.exec(head)?.[1];
  return new Set([table, ...(target === undefined ? [] : wordsOf(target))]);
}

function queryOf({ text }: RefreshedView): string {
  return text.slice(text.indexOf(' AS '));
}

function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]*)`|\w+/g)].map(([word, quoted]) => quoted ?? word);
}
