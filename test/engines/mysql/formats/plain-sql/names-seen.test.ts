import { describe, expect, it } from 'vitest';
import { NamesSeen } from '../../../../../src/engines/mysql/formats/plain-sql/names-seen.ts';
import { classify } from '../../../../../src/engines/mysql/sql/statement-kind.ts';

function otherCaseIn(...statements: readonly string[]) {
  const names = new NamesSeen();
  for (const statement of statements) names.note(classify(statement));
  return names.otherCase;
}

const ORDERS = 'CREATE TABLE `orders` (`id` int)';
const TRIGGER =
  '/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER tr AFTER INSERT ON Orders FOR EACH ROW BEGIN END */';

describe('NamesSeen', () => {
  it.each([
    ['a trigger', [ORDERS, TRIGGER], { written: '.Orders', stored: '.orders' }],
    [
      'rows',
      ['USE `shop`', ORDERS, 'INSERT INTO `ORDERS` VALUES (1)'],
      { written: 'shop.ORDERS', stored: 'shop.orders' },
    ],
    [
      'a database',
      ['USE `shop`', ORDERS, 'INSERT INTO `Shop`.`orders` VALUES (1)'],
      { written: 'Shop.orders', stored: 'shop.orders' },
    ],
  ])('finds a name in another case in %s', (_what, statements, found) => {
    expect(otherCaseIn(...statements)).toEqual(found);
  });

  it.each([
    ['all names are as created', [ORDERS, 'INSERT INTO `orders` VALUES (1)', 'ALTER TABLE `orders` ENABLE KEYS']],
    ['the table comes in both cases', [ORDERS, 'CREATE TABLE `Orders` (`id` int)', TRIGGER]],
    [
      'the table of that name is in another database',
      ['USE `a`', ORDERS, 'USE `b`', 'INSERT INTO `Orders` VALUES (1)'],
    ],
    ['the dump only has rows', ['INSERT INTO `Orders` VALUES (1)']],
    ['a table is dropped before it is created', ['DROP TABLE IF EXISTS `Orders`', ORDERS]],
  ])('finds none when %s', (_why, statements) => {
    expect(otherCaseIn(...statements)).toBeUndefined();
  });
});
