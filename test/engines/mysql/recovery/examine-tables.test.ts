import { expect, it } from 'vitest';
import { lostDefinitions } from '../../../../src/engines/mysql/recovery/examine-tables.ts';

const FILES_OF_TABLES = [
  ...['shop/Orders', 'shop/ledger', 'my@002dshop/order@0020items', 'my@002dshop/a@002fb@0023p@0023c', 'raw-dir/kept'],
  ...['@65e5@672c/@0P@1j@m0', 'my@002dshop/@0023sql@002dkept', 'shop/FTS_x'],
];
const KNOWN = { tables: FILES_OF_TABLES, databases: ['shop', 'my@002dshop', 'raw-dir', '@65e5@672c', 'mysql'] };

/** @returns the tables of these files that are lost; each table is named like its file. */
function lostOf(files: readonly string[], ignoresCase = false) {
  return lostDefinitions(
    files.map((file) => ({ file, name: file.replace(/(?<=.)#.*/, '') })),
    KNOWN,
    ignoresCase,
  );
}

it('finds InnoDB tables whose definition is missing, whatever characters their names contain', () => {
  const lost = ['shop/lost', 'my@002dshop/orders', 'shop/order@002ditems', '@65e5@672c/@0P@1j@m1', 'raw-dir/gone'];
  expect(lostOf([...FILES_OF_TABLES, ...lost])).toEqual({ lost, homeless: [] });
  expect(lostOf(['shop/parts#P#p1', 'my@002dshop/sub#P#p@002d1#SP#p@002d1sp0', 'shop/parts#p#p2'])).toEqual({
    lost: ['shop/parts', 'my@002dshop/sub'],
    homeless: [],
  });
});

it.each([
  ['a partition of a known table', 'my@002dshop/a@002fb@0023p@0023c#P#p0'],
  ['a partition, as newer servers name it', 'shop/ledger#p#p0#sp#p0sp1'],
  ['a temporary table', 'my@002dshop/#sql-ib24'],
  ['a full-text index', 'my@002dshop/FTS_0000000000000016_0000000000000022_INDEX_1'],
  ['a table of the server', 'mysql/gtid_slave_pos'],
  ['a table outside all databases', 'SYS_DATAFILES'],
])('does not report as lost: %s', (_, file) => {
  expect(lostOf([file])).toEqual({ lost: [], homeless: [] });
});

it('distinguishes names by case only if the server does', () => {
  expect(lostOf(['shop/orders'])).toEqual({ lost: ['shop/orders'], homeless: [] });
  expect(lostOf(['SHOP/orders'], true)).toEqual({ lost: [], homeless: [] });
});

it('finds tables whose database has no directory', () => {
  expect(lostOf(['my@002dgone/orders'])).toEqual({ lost: [], homeless: ['my@002dgone/orders'] });
});
