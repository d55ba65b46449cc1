import { expect, it } from 'vitest';
import { type Batch, StatementBatches } from '../../../src/engines/sql-dump/statement-batches.ts';

type Kind = 'rows' | 'definitions';

function collect(isSlow = false): { sent: string[]; batches: StatementBatches<Kind>; release: () => void } {
  const sent: string[] = [];
  const gate = Promise.withResolvers<void>();
  const send = ({ kind, table, statements }: Batch<Kind>): Promise<void> | undefined => {
    sent.push(`${kind} ${table}: ${statements.map(({ line }) => line).join(',')}`);
    return isSlow ? gate.promise : undefined;
  };
  return { sent, batches: new StatementBatches<Kind>(send), release: gate.resolve };
}

const statement = (line: number, sizeBytes = 10) => ({ bytes: Buffer.alloc(sizeBytes), line });

it('sends statements of one kind and table together, and the rest on request', () => {
  const { sent, batches } = collect();
  batches.add('rows', 'a', statement(1));
  batches.add('rows', 'a', statement(2));
  batches.add('rows', 'b', statement(3));
  batches.add('definitions', 'b', statement(4));
  expect(sent).toEqual(['rows a: 1,2', 'rows b: 3']);
  batches.flush();
  batches.flush();
  expect(sent).toEqual(['rows a: 1,2', 'rows b: 3', 'definitions b: 4']);
});

it('sends a batch when it is full, by bytes or by number', () => {
  const { sent, batches } = collect();
  batches.add('rows', 'a', statement(1, 300 * 1024));
  for (let line = 2; line < 502; line += 1) batches.add('rows', 'a', statement(line));
  batches.add('rows', 'a', statement(502));
  expect(sent.map((each) => each.split(',').length)).toEqual([1, 500]);
});

it('adds a statement only after the previous batch was sent', async () => {
  const { sent, batches, release } = collect(true);
  expect(batches.add('rows', 'a', statement(1))).toBeUndefined();
  const wait = batches.add('rows', 'b', statement(2));
  batches.flush();
  expect(sent).toEqual(['rows a: 1']);
  release();
  await wait;
  void batches.flush();
  expect(sent).toEqual(['rows a: 1', 'rows b: 2']);
});
