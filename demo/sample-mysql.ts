import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Row, SAMPLE_ROWS, type SampleOptions, type SampleTable } from './sample-rows.ts';

type Product = 'mysql' | 'mariadb';

/** A position in a server's binary log. */
export interface LogCoordinates {
  readonly file: string;
  readonly position: number;
  /** Version of the server, such as `10.11.14`. */
  readonly version: string;
}

/**
 * Writes the sample shop in the format of mysqldump 8.4 or mariadb-dump 10.11, compressed with gzip. For the made-up data, see
 * sample-rows.ts.
 * @param coordinates as `--databases shop --master-data=2` states them.
 */
export async function writeMysqlSample(
  file: string,
  product: Product,
  options: SampleOptions,
  coordinates?: LogCoordinates,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await pipeline(Readable.from(shopDump(product, options, coordinates)), createGzip(), createWriteStream(file));
}

const HEADS: Readonly<Record<Product, string>> = {
  mysql: `-- MySQL dump 10.13  Distrib 8.4.6, for Linux (x86_64)
--
-- Host: localhost    Database: shop
-- ------------------------------------------------------
-- Server version\t8.4.6
`,
  mariadb: `/*M!999999\\- enable the sandbox mode */ 
-- MariaDB dump 10.19  Distrib 10.11.11-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: localhost    Database: shop
-- ------------------------------------------------------
-- Server version\t10.11.11-MariaDB
`,
};

const BEFORE = `
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
`;

const AFTER = `
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;

-- Dump completed on `;

const TABLES: Readonly<Record<SampleTable, string>> = {
  customer:
    '`id` int NOT NULL,\n  `name` varchar(100) NOT NULL,\n  `email` varchar(100) NOT NULL,\n  `created_at` datetime NOT NULL,\n  PRIMARY KEY (`id`),\n  UNIQUE KEY `email` (`email`)',
  product:
    '`id` int NOT NULL,\n  `name` varchar(100) NOT NULL,\n  `price` decimal(10,2) NOT NULL,\n  PRIMARY KEY (`id`)',
  orders:
    '`id` int NOT NULL,\n  `customer_id` int NOT NULL,\n  `placed_at` datetime NOT NULL,\n  PRIMARY KEY (`id`),\n  KEY `placed_at` (`placed_at`),\n  CONSTRAINT `orders_customer` FOREIGN KEY (`customer_id`) REFERENCES `customer` (`id`)',
  order_line:
    '`order_id` int NOT NULL,\n  `line` int NOT NULL,\n  `product_id` int NOT NULL,\n  `quantity` int NOT NULL,\n  PRIMARY KEY (`order_id`,`line`),\n  CONSTRAINT `line_order` FOREIGN KEY (`order_id`) REFERENCES `orders` (`id`)',
  payment:
    '`id` int NOT NULL,\n  `order_id` int NOT NULL,\n  `amount` decimal(10,2) NOT NULL,\n  `paid_at` datetime NOT NULL,\n  PRIMARY KEY (`id`),\n  CONSTRAINT `payment_order` FOREIGN KEY (`order_id`) REFERENCES `orders` (`id`)',
};
const ROWS_AN_INSERT = 1000;

export function* shopDump(product: Product, options: SampleOptions, coordinates?: LogCoordinates): Generator<string> {
  yield (coordinates ? HEADS[product].replaceAll('10.11.11', coordinates.version) : HEADS[product]) + BEFORE;
  if (coordinates) {
    yield `\n-- CHANGE MASTER TO MASTER_LOG_FILE='${coordinates.file}', MASTER_LOG_POS=${coordinates.position};\n`;
    yield '\nCREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;\nUSE `shop`;\n';
  }
  for (const [table, rowsOf] of Object.entries(SAMPLE_ROWS)) {
    yield `\nDROP TABLE IF EXISTS \`${table}\`;\nCREATE TABLE \`${table}\` (\n  ${TABLES[table as SampleTable]}\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n`;
    yield `\nLOCK TABLES \`${table}\` WRITE;\n/*!40000 ALTER TABLE \`${table}\` DISABLE KEYS */;\n`;
    yield* inserts(table, rowsOf(options));
    yield `/*!40000 ALTER TABLE \`${table}\` ENABLE KEYS */;\nUNLOCK TABLES;\n`;
  }
  yield `${AFTER}${sqlTime(options.takenAt)}\n`;
}

function* inserts(table: string, rows: Iterable<Row>): Generator<string> {
  let batch: string[] = [];
  for (const row of rows) {
    batch.push(`(${row.map(asSql).join(',')})`);
    if (batch.length < ROWS_AN_INSERT) continue;
    yield `INSERT INTO \`${table}\` VALUES ${batch.join(',')};\n`;
    batch = [];
  }
  if (batch.length > 0) yield `INSERT INTO \`${table}\` VALUES ${batch.join(',')};\n`;
}

function asSql(value: Row[number]): string {
  if (typeof value === 'number') return String(value);
  return `'${value instanceof Date ? sqlTime(value) : value}'`;
}

function sqlTime(instant: Date): string {
  return instant.toISOString().slice(0, 19).replace('T', ' ');
}
