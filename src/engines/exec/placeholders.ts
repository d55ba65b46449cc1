import type { Sandbox } from '../../sandbox/sandbox.ts';

const NAMES = ['backup', 'data', 'scratch', 'run'] as const;
const ANYWHERE = new RegExp(`\\{(?:${NAMES.join('|')})\\}`, 'g');
/** The start of an argument or of an option’s value, so that a path is never a part of a script. */
const PLACE = new RegExp(`(^|^[\\w.-]+=)\\{(${NAMES.join('|')})\\}(?=/|$)`);

/** Replaces placeholders by paths in the sandbox; the number of arguments does not change. */
export function fillArgv(argv: readonly string[], { data, scratch, run }: Sandbox['paths']): readonly string[] {
  const paths: Readonly<Record<string, string>> = { backup: backupPath({ scratch }), data, scratch, run };
  return argv.map((word) => word.replace(PLACE, (_, before: string, name: string) => before + paths[name]));
}

/** The same for every backup, whatever its name. */
export function backupPath({ scratch }: Pick<Sandbox['paths'], 'scratch'>): string {
  return `${scratch}/backup`;
}

/** @returns what is wrong with an argument. */
export function explainPlaceholder(word: string): string | undefined {
  const found = word.match(ANYWHERE);
  if (!found || (found.length === 1 && PLACE.test(word))) return undefined;
  return `has ${found[0]} within ${JSON.stringify(word)}; it must begin the argument, as in {data}/orders.db, or follow its =, as in --dir={data}`;
}

/** Whether an argument refers to something in the sandbox. */
export function usesSandbox(word: string): boolean {
  return word.search(ANYWHERE) >= 0;
}
