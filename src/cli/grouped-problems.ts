/** Problems of a drill. */
export interface DrillProblem {
  readonly name: string;
  /** Lines, the first of which states the problem. */
  readonly text: string;
}

/** More names than that are only counted. */
const NAMED = 5;

/** A problem that several drills share is shown once, at the first of them, with the names of the others. */
export function groupProblems(problems: readonly DrillProblem[]): readonly DrillProblem[] {
  return [...Map.groupBy(problems, ({ text }) => text)].map(([text, [first, ...others]]) => ({
    name: first?.name ?? '',
    text: others.length === 0 ? text : `${text}\n${describeOthers(others.map(({ name }) => name))}`,
  }));
}

function describeOthers(others: readonly string[]): string {
  const named = others.slice(0, NAMED).join(', ');
  const more = others.length - NAMED;
  return `the same for ${named}${more > 0 ? ` and ${more} more` : ''}`;
}
