import { DrillError, type ErrorCode } from '../support/errors.ts';

type ConfigCode = Extract<ErrorCode, 'config-invalid' | 'config-missing-file' | 'config-missing-variable'>;

/** One thing that is wrong in a file a person wrote. */
export interface Problem {
  readonly code: ConfigCode;
  /** As the reader names the file: relative to where the command was typed, when it lies below. */
  readonly file: string;
  /** Both count from 1; undefined when the file as a whole is meant. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** `checks[0].expect`; empty for the file as a whole. */
  readonly key: string;
  /** What is wrong and what is allowed. Never holds a secret. */
  readonly message: string;
}

/** `drills/orders.yaml:12:9: checks[0].expect: "minimum" is not known here`, a format that editors and CI annotate from. */
export function formatProblem(problem: Problem): string {
  const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}:${problem.column ?? 1}`;
  return `${place}: ${problem.key === '' ? '' : `${problem.key}: `}${problem.message}`;
}

/**
 * Every problem in one error, one detail line each. The code is the problems' own when they share it, else `config-invalid`.
 * @param problems at least one.
 */
export function problemsError(problems: readonly Problem[]): DrillError {
  const codes = new Set(problems.map((problem) => problem.code));
  const [only] = codes;
  const files = [...new Set(problems.map((problem) => problem.file))];
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new DrillError(
    codes.size === 1 && only ? only : 'config-invalid',
    files.length === 1 ? `${count} in ${files[0]}` : `${count} in ${files.length} files`,
    {
      hint: 'Fix the lines above, then run `firedrill validate`; `firedrill schema` and docs/reference.md say what each key takes.',
      details: problems.map(formatProblem),
    },
  );
}

/** In the order of the file, as a person goes through it. */
export function inFileOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

/** Path of a key as people write it: `checks[0].expect.min`. */
export function formatKey(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? String(part) : `.${String(part)}`;
  }
  return text;
}
