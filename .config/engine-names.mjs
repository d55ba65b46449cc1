import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ENGINE_TYPES } from '../src/engines/registry.ts';

/**
 * Finds names of engines as code outside src/engines. Each would be an `if` or a list that adding an engine has to find, and the registry has
 * them all. Comments, and words inside a longer text, are prose.
 */
const NAMES = new Set(ENGINE_TYPES);
/** Types that are everyday words, too: there is nothing to find by them. */
for (const word of ['exec', 'files']) NAMES.delete(word);

const WORDS = new Set([
  ts.SyntaxKind.StringLiteral,
  ts.SyntaxKind.NoSubstitutionTemplateLiteral,
  ts.SyntaxKind.Identifier,
]);

const found = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.startsWith('engines/'))
  .flatMap((name) => namesIn(join('src', name)));
for (const { file, line, name } of found)
  console.error(`${file}:${line}: "${name}" is the name of an engine; ask src/engines/registry.ts instead, so that an engine is one folder and one line`);
if (found.length > 0) process.exitCode = 1;

function namesIn(file) {
  const text = readFileSync(file, 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const hits = [];
  const visit = (node) => {
    if (WORDS.has(node.kind) && NAMES.has(node.text)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      hits.push({ file, line: line + 1, name: node.text });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return hits;
}
