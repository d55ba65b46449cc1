/** A value as Python's `repr` writes it. */
export type PythonValue = string | number | boolean | null | readonly PythonValue[];

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", '"': '"' };
const TOKEN =
  /\s*(?:(?<open>[[(])|(?<close>[\])])|(?<comma>,)|(?<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<number>-?\d{1,15}(?![\d.]))|(?<word>None|True|False)\b)/sy;
const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))/gs;
const MAX_DEPTH = 8;

/**
 * Reads strings, whole numbers, None, True, False, and lists and tuples of these. Source: Python's manual, "Literals", and `ast.literal_eval`.
 * @returns undefined for anything else.
 */
export function readPythonLiteral(text: string): PythonValue | undefined {
  const stack: PythonValue[][] = [[]];
  for (let at = 0; at < text.length; ) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match?.groups) return text.slice(at).trim() === '' ? only(stack) : undefined;
    at = TOKEN.lastIndex;
    const { open, close, string, number, word } = match.groups;
    const into = stack.at(-1);
    if (into === undefined || stack.length > MAX_DEPTH) return undefined;
    if (open !== undefined) stack.push([]);
    else if (close !== undefined) {
      stack.pop();
      const outer = stack.at(-1);
      if (outer === undefined) return undefined;
      outer.push(into);
    } else if (string !== undefined) into.push(readEscapes(string.slice(1, -1)));
    else if (number !== undefined) into.push(Number(number));
    else if (word !== undefined) into.push(word === 'None' ? null : word === 'True');
  }
  return only(stack);
}

function only(stack: readonly (readonly PythonValue[])[]): PythonValue | undefined {
  const [values = []] = stack;
  return stack.length === 1 && values.length === 1 ? values[0] : undefined;
}

function readEscapes(text: string): string {
  return text.replace(ESCAPE, (whole, ...found: readonly (string | undefined)[]) => {
    const [x, u, long, single = ''] = found;
    const code = x ?? u ?? long;
    if (code === undefined) return ESCAPES[single] ?? whole;
    const point = Number.parseInt(code, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
