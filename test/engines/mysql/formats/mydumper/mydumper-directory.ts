/**
 * A directory as mydumper 0.14 and later write it: INI-like metadata, numbered chunks, placeholders for views, and
 * routines in a separate file, with `;` at the ends of their lines.
 */
export const NEW_DIRECTORY: Readonly<Record<string, string>> = {
  metadata: `# Started dump at: 2026-09-19 18:15:36
[config]
quote-character = BACKTICK

[myloader_session_variables]
SQL_MODE='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES' /*!40101

[source]
# executed_gtid_set = "0-7-75"
[\`shop\`.\`orders\`]
real_table_name=orders
rows = 3
[\`shop\`.\`empty\`]
rows = 0
# Finished dump at: 2026-09-19 18:15:37
`,
  'shop-schema-create.sql':
    'CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;\n',
  'shop.orders-schema.sql':
    '/*!40101 SET NAMES binary*/;\n/*!40014 SET FOREIGN_KEY_CHECKS=0*/;\nCREATE TABLE IF NOT EXISTS `orders` (`id` int NOT NULL, `day` date, `note` text, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n',
  'shop.empty-schema.sql': 'CREATE TABLE IF NOT EXISTS `empty` (`id` int) ENGINE=InnoDB;\n',
  'shop.orders.00000.sql':
    '/*!40101 SET NAMES binary*/;\nINSERT INTO `orders` VALUES(0,"2026-02-31","a; b\\n\\"c\\"")\n,(1,NULL,NULL)\n;\n',
  'shop.orders.00001.sql': '/*!40101 SET NAMES binary*/;\nINSERT INTO `orders` VALUES(7,"0000-00-00","ö");\n',
  'shop.newest-schema.sql': 'CREATE TABLE IF NOT EXISTS `newest`(\n`id` int\n)ENGINE=MEMORY;\n',
  'shop.newest-schema-view.sql':
    'DROP TABLE IF EXISTS `newest`;\nDROP VIEW IF EXISTS `newest`;\nSET character_set_client = utf8mb4;\nCREATE DEFINER=`owner`@`10.%` VIEW `newest` AS select twice_of(max(`id`)) AS `id` from `orders`;\n',
  'shop-schema-post.sql':
    'DROP FUNCTION IF EXISTS `twice_of`;\nCREATE DEFINER=`owner`@`10.%` FUNCTION `twice_of`(n int) RETURNS int\n    DETERMINISTIC\nBEGIN\n  DECLARE r int; \n  SET r = n * 2; \n  RETURN r; \nEND;\n',
  'shop.orders-schema-triggers.sql':
    'CREATE DEFINER=`owner`@`10.%` TRIGGER `noted` BEFORE INSERT ON `orders` FOR EACH ROW BEGIN\n  SET NEW.note = "by trigger"; \nEND;\n',
};

/** The same, as 0.10 wrote it. */
export const OLD_METADATA = `Started dump at: 2026-11-21 13:28:22
SHOW MASTER STATUS:
	Log: bin.000001
	Pos: 3381250
	GTID:7b40c3c7-e5af-11f1-b988-d143db82f95a:1-75

Finished dump at: 2026-11-21 13:28:22
`;
