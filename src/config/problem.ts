import { DrillError, type ErrorCode } from '../support/errors.ts';

type ConfigCode = Extract<ErrorCode, 'config-invalid' | 'config-missing-file' | 'config-missing-variable'>;

/** One problem in a configuration file. */
export interface Problem {
  readonly code: ConfigCode;
  /** The file name as shown: relative if below the working directory. */
  readonly file: string;
  /** Both count from 1; undefined for a problem of the whole file. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** `checks[0].expect`; empty for the whole file. */
  readonly key: string;
  /** What is wrong and what is allowed. Never contains a secret. */
  readonly message: string;
}

/** `drills/orders.yaml:12:9: checks[0].expect: "minimum" is not known here`, a format that editors and CI understand. */
export function formatProblem(problem: Problem): string {
  const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}:${problem.column ?? 1}`;
  return `${place}: ${problem.key === '' ? '' : `${problem.key}: `}${problem.message}`;
}

/** Maximum lines of problems shown by commands that continue without the broken files. */
const SHOWN_BESIDE = 20;

/**
 * All problems in one error, one detail line each. The code is the one that all problems share, else `config-invalid`.
 * @param problems at least one.
 */
export function problemsError(problems: readonly Problem[]): DrillError {
  return toError(problems, problems.map(formatProblem), 'Fix the lines above, then run `firedrill validate`');
}

/** Like {@link problemsError}, but with the first 20 lines only: for commands whose main output would otherwise be buried. */
export function problemsNote(problems: readonly Problem[]): DrillError {
  const hidden = problems.length - SHOWN_BESIDE;
  if (hidden <= 1) return problemsError(problems); // a line that says "1 more" takes the place of that one
  const shown = problems.slice(0, SHOWN_BESIDE).map(formatProblem);
  return toError(problems, [...shown, `and ${hidden} more`], '`firedrill validate` lists all of them');
}

function toError(problems: readonly Problem[], details: readonly string[], next: string): DrillError {
  const codes = new Set(problems.map((problem) => problem.code));
  const [only] = codes;
  const files = [...new Set(problems.map((problem) => problem.file))];
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new DrillError(
    codes.size === 1 && only ? only : 'config-invalid',
    files.length === 1 ? `${count} in ${files[0]}` : `${count} in ${files.length} files`,
    {
      hint: `${next}; \`firedrill schema\` and docs/reference.md say what each key takes.`,
      details,
    },
  );
}

/** Sorted by position in the file. */
export function inFileOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

/** The path of a key as it is usually written: `checks[0].expect.min`. */
export function formatKey(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? String(part) : `.${String(part)}`;
  }
  return text;
}
