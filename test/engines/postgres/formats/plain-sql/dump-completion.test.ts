import { describe, expect, it } from 'vitest';
import { DumpCompletion } from '../../../../../src/engines/postgres/formats/plain-sql/dump-completion.ts';

/**
 * `D` and `C` are headers of a database and a cluster, `d` and `c` their last lines, `[k` and `]k` restrictions.
 * @returns the first problem.
 */
function follow(marks: string): { readonly wrong: string | undefined; readonly completion: DumpCompletion } {
  const completion = new DumpCompletion();
  const kinds = { d: 'database', c: 'cluster' } as const;
  let wrong: string | undefined;
  for (const [index, mark] of marks.split(' ').entries()) {
    const kind = kinds[mark.toLowerCase() as keyof typeof kinds];
    if (mark.startsWith('[')) completion.restrict(mark.slice(1), index + 1);
    else if (mark.startsWith(']')) wrong ??= completion.unrestrict(mark.slice(1));
    else wrong ??= mark === mark.toLowerCase() ? completion.trailer(kind) : completion.header(kind, index + 1);
  }
  return { wrong: wrong ?? completion.finish(), completion };
}

describe('the dumps in one file', () => {
  it.each(['D d', 'C c', 'C D d D d c', 'C c D d', 'D d D d', 'D [a ]a [a d ]a', 'C [a ]a D [b d ]b c', 'D d C D d c'])(
    'are complete: %s',
    (marks) => {
      const { wrong, completion } = follow(marks);
      expect(wrong).toBeUndefined();
      expect(completion).toMatchObject({ hasHeader: true, isAfterEnd: true });
    },
  );

  it.each([
    ['D', /without the line that pg_dump ends with/],
    ['C', /without the line that pg_dumpall ends with/],
    ['C D d', /without the line that pg_dumpall ends with/],
    ['C c D', /without the line that pg_dump ends with/],
    ['D D d', /line 1 has no last line before .* line 2/],
    ['C D D d c', /line 2 has no last line before .* line 3/],
    ['C C c', /line 1 has no last line before .* line 2/],
    ['C D c', /line 2 has no last line before the end of the cluster/],
    ['D [a d', /without the \\unrestrict for line 2/],
    ['D [a d ]b', /another key/],
  ])('are truncated: %s', (marks, says) => {
    expect(follow(marks).wrong).toMatch(says);
  });

  it('show whether everything is in a database of its own', () => {
    expect(follow('C D d').completion.isInCluster).toBe(true);
    expect(follow('C c').completion.isInCluster).toBe(false);
    expect(follow('D').completion).toMatchObject({ isInCluster: false, isAfterEnd: false });
  });
});
