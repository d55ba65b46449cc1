import { describe, expect, it } from 'vitest';
import { askBatch, explainUnanswered } from '../../../../src/engines/postgres/server/ask-tables.ts';

const tables = ['a', 'b', 'c'].map((name) => ({ name: `public.${name}`, from: Buffer.from(name) }));

const refusal = (code: string, message = code) => Object.assign(new Error(message), { code });

/** A server on which queries that name one of these tables fail with its error. */
function serverWith(errors: Readonly<Record<string, Error>>) {
  const messages: string[] = [];
  const ask = async (statements: readonly Buffer[]): Promise<void> => {
    const text = Buffer.concat(statements).toString();
    messages.push(text);
    const [, error] = Object.entries(errors).find(([name]) => text.includes(` ${name} `)) ?? [];
    if (error) throw error;
  };
  return { messages, ask };
}

describe('a batch of tables to query', () => {
  it('takes one message if all of them can be read', async () => {
    const { ask, messages } = serverWith({});
    expect(await askBatch(ask, tables)).toEqual([]);
    expect(messages).toEqual([['a', 'b', 'c'].map((name) => `SELECT 1 FROM ONLY ${name} LIMIT 1;\n`).join('')]);
  });

  it('is queried one by one if one cannot be read', async () => {
    const { ask, messages } = serverWith({ b: refusal('58P01', 'could not open file') });
    expect(await askBatch(ask, tables)).toEqual([{ name: 'public.b', code: '58P01', why: 'could not open file' }]);
    expect(messages).toHaveLength(4);
  });

  it('passes when a table takes too long, and stops when the server is lost or out of memory', async () => {
    expect(await askBatch(serverWith({ b: refusal('57014') }).ask, tables)).toEqual([]);
    for (const code of ['57P01', 'ECONNRESET', '53200'])
      await expect(askBatch(serverWith({ b: refusal(code) }).ask, tables)).rejects.toMatchObject({ code });
  });
});

it.each([
  ['XX001', 'invalid page in block 0 of relation base/5/16384', 'missing-part'],
  ['58P01', 'could not open file "base/5/16384": No such file or directory', 'missing-part'],
  ['58P01', 'could not access file "$libdir/columnar": No such file or directory', 'library-missing'],
  ['42501', 'permission denied for table a', undefined],
])('%s: %s is %s', (code, why, kind) => {
  expect(explainUnanswered({ name: 'public.a', code, why })?.kind).toBe(kind);
});
