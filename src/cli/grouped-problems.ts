/** More names than that are only counted. */
const NAMED = 5;

/** What is wrong with several drills for one reason is shown once, at the first of them, with the names of the others. */
export class GroupedProblems {
  readonly #names = new Map<string, string[]>();

  /** @param text lines, the first of which says what is wrong. */
  add(name: string, text: string): void {
    const names = this.#names.get(text);
    if (names) names.push(name);
    else this.#names.set(text, [name]);
  }

  /** In the order in which they were first seen. */
  list(): readonly { readonly name: string; readonly text: string }[] {
    return [...this.#names].map(([text, [name = '', ...others]]) => ({
      name,
      text: others.length === 0 ? text : `${text}\n${describeOthers(others)}`,
    }));
  }
}

function describeOthers(others: readonly string[]): string {
  const named = others.slice(0, NAMED).join(', ');
  const more = others.length - NAMED;
  return `the same for ${named}${more > 0 ? ` and ${more} more` : ''}`;
}
