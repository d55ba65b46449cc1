import type { PlainFacts } from '../../../src/engines/mysql/formats/plain-sql/plain-facts.ts';

/** The first lines of dumps of a small schema, shortened, as the real tools wrote them. */
export const heads: Readonly<Record<string, { readonly sql: string; readonly facts: Partial<PlainFacts> }>> = {
  'mysqldump 9.7 of one database': {
    sql: `-- MySQL dump 10.13  Distrib 9.7.4, for Linux (x86_64)
--
-- Host: localhost    Database: odd \`db
-- ------------------------------------------------------
-- Server version	9.7.4-2

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!50503 SET NAMES utf8mb4 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;
SET @@SESSION.SQL_LOG_BIN= 0;

--
-- GTID state at the beginning of the backup 
--

SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '37062052-e5b1-11f1-81c8-0242ac110004:1-63';

--
-- Table structure for table \`chi;ld\`
--

DROP TABLE IF EXISTS \`chi;ld\`;
/*!50503 SET character_set_client = utf8mb4 */;
CREATE TABLE \`chi;ld\` (
  \`id\` int NOT NULL,
  \`engine = x\` text CHARACTER SET latin1 COLLATE latin1_bin COMMENT 'COLLATE nowhere',
  PRIMARY KEY (\`id\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci COMMENT='it''s; a "c" \`x\`';
`,
    facts: {
      product: 'mysql',
      serverVersion: '9.7.4',
      major: '9.7',
      dumpedBy: 'mysqldump 9.7.4',
      databases: ['odd `db'],
      isSeveral: false,
      isToolMade: true,
      collations: ['latin1_bin', 'utf8mb4_0900_ai_ci'],
      charsets: ['utf8mb4', 'latin1'],
      storageEngines: ['innodb'],
      definers: [],
    },
  },
  'mysqldump 8.0 of several databases': {
    sql: `-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
--
-- Host: localhost    Database: 
-- ------------------------------------------------------
-- Server version	8.0.36

/*!50503 SET NAMES utf8mb4 */;

--
-- Current Database: \`shop\`
--

CREATE DATABASE /*!32312 IF NOT EXISTS*/ \`shop\` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci */ /*!80016 DEFAULT ENCRYPTION='N' */;

USE \`shop\`;

--
-- Current Database: \`two\`
--

USE \`two\`;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=\`app\`@\`10.%\` SQL SECURITY DEFINER */
/*!50001 VIEW \`v\` AS select 1 AS \`1\` */;
`,
    facts: {
      product: 'mysql',
      serverVersion: '8.0.36',
      major: '8.0',
      databases: ['shop', 'two'],
      isSeveral: true,
      isToolMade: true,
      definers: [{ user: 'app', host: '10.%' }],
    },
  },
  'mariadb-dump 11.8': {
    sql: `/*M!999999\\- enable the sandbox mode */ 
-- MariaDB dump 10.19-11.8.6-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: localhost    Database: shop
-- ------------------------------------------------------
-- Server version	11.8.6-MariaDB-0+deb13u1 from Debian

/*!40101 SET NAMES utf8mb4 */;
/*M!100616 SET @OLD_NOTE_VERBOSITY=@@NOTE_VERBOSITY, NOTE_VERBOSITY=0 */;

DROP TABLE IF EXISTS \`myi\`;
CREATE TABLE \`myi\` (
  \`a\` int(11) DEFAULT NULL
) ENGINE=MyISAM DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci;
`,
    facts: {
      product: 'mariadb',
      serverVersion: '11.8.6',
      major: '11.8',
      dumpedBy: 'mariadb-dump 11.8.6',
      databases: ['shop'],
      isSeveral: false,
      isToolMade: true,
      collations: ['utf8mb4_uca1400_ai_ci'],
      storageEngines: ['myisam'],
    },
  },
  'mariadb-dump 10.11': {
    sql: `/*M!999999\\- enable the sandbox mode */ 
-- MariaDB dump 10.19  Distrib 10.11.18-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: localhost    Database: shop
-- ------------------------------------------------------
-- Server version	10.11.18-MariaDB-0+deb12u1-log
`,
    facts: { product: 'mariadb', major: '10.11', dumpedBy: 'mariadb-dump 10.11.18', isToolMade: true },
  },
  'mysqldump of MariaDB before its own header': {
    sql: `-- MySQL dump 10.16  Distrib 10.1.48-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: localhost    Database: shop
-- ------------------------------------------------------
-- Server version	10.1.48-MariaDB-0+deb9u2
`,
    facts: { product: 'mariadb', major: '10.1', dumpedBy: 'mariadb-dump 10.1.48', isToolMade: true },
  },
  'mysqldump without comments': {
    sql: `/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;
`,
    facts: { product: 'mysql', serverVersion: undefined, tool: undefined, isToolMade: true, databases: [] },
  },
  'mariadb-dump --compact': {
    sql: '/*M!999999\\- enable the sandbox mode */ \n/*!40101 SET @saved_cs_client     = @@character_set_client */;\n',
    facts: { product: 'mariadb', serverVersion: undefined, tool: undefined, isToolMade: true },
  },
  'a schema file of mydumper': {
    sql: '/*!40101 SET NAMES binary*/;\n/*!40014 SET FOREIGN_KEY_CHECKS=0*/;\n\nCREATE TABLE `t` (\n  `a` int DEFAULT NULL\n) ENGINE=InnoDB;\n',
    facts: { product: undefined, tool: undefined, isToolMade: true, storageEngines: ['innodb'], charsets: ['binary'] },
  },
};
