/**
 * A directory with the layout that MySQL Shell writes: percent-encoded names, rows in two files, a binary column, a
 * view, a trigger, an account.
 */
export const SHELL_DIRECTORY: Readonly<Record<string, string>> = {
  '@.json': JSON.stringify({
    dumper: 'mysqlsh Ver 9.4.0 for Linux on x86_64 - for MySQL 9.4.0 (MySQL Community Server (GPL))',
    schemas: ['sh op'],
    basenames: { 'sh op': 'sh%20op' },
    users: ["'app'@'%'"],
    defaultCharacterSet: 'utf8mb4',
    tzUtc: true,
  }),
  '@.sql': '-- MySQLShell dump 2.0.1\n',
  '@.post.sql': '-- MySQLShell dump 2.0.1\n',
  '@.users.sql': "CREATE USER IF NOT EXISTS 'app'@'%';\nGRANT SELECT ON `sh op`.`or``ders` TO 'app'@'%';\n",
  'sh%20op.json': JSON.stringify({
    schema: 'sh op',
    includesDdl: true,
    includesViewsDdl: true,
    includesData: true,
    tables: ['or`ders'],
    views: ['newest'],
    events: [],
    functions: ['twice_of'],
    procedures: [],
    basenames: { 'or`ders': 'sh%20op@or%60ders', newest: 'sh%20op@newest' },
  }),
  'sh%20op.sql': `CREATE DATABASE /*!32312 IF NOT EXISTS*/ \`sh op\`;
USE \`sh op\`;
/*!50003 DROP FUNCTION IF EXISTS \`twice_of\` */;
DELIMITER ;;
CREATE DEFINER=\`gone\`@\`%\` FUNCTION \`twice_of\`(n int) RETURNS int
    DETERMINISTIC
BEGIN
  RETURN n * 2;
END ;;
DELIMITER ;
`,
  'sh%20op@or%60ders.json': JSON.stringify({
    options: {
      schema: 'sh op',
      table: 'or`ders',
      columns: ['id', 'no`te', 'raw'],
      decodeColumns: { raw: 'FROM_BASE64' },
      defaultCharacterSet: 'utf8mb4',
      fieldsTerminatedBy: '\t',
      fieldsEnclosedBy: '',
      fieldsOptionallyEnclosed: false,
      fieldsEscapedBy: '\\',
      linesTerminatedBy: '\n',
    },
    extension: 'tsv',
    chunking: true,
    compression: 'none',
    triggers: ['noted'],
  }),
  'sh%20op@or%60ders.sql':
    '-- MySQLShell dump 2.0.1\nUSE `sh op`;\nCREATE TABLE IF NOT EXISTS `or``ders` (\n  `id` int NOT NULL,\n  `no``te` varchar(40) DEFAULT NULL,\n  `raw` varbinary(40) DEFAULT NULL,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n',
  'sh%20op@or%60ders@0.tsv': '0\ta\\tb\\\\n\t/wAKDSc=\n1\t\\N\t\\N\n',
  'sh%20op@or%60ders@@1.tsv': '2\töß€\tAA==\n',
  'sh%20op@or%60ders.triggers.sql':
    'USE `sh op`;\nDELIMITER ;;\nCREATE TRIGGER `noted` BEFORE INSERT ON `or``ders` FOR EACH ROW BEGIN\n  SET NEW.`no``te` = "by trigger";\nEND ;;\nDELIMITER ;\n',
  'sh%20op@newest.pre.sql':
    'USE `sh op`;\nDROP TABLE IF EXISTS `newest`;\n/*!50001 CREATE VIEW `newest` AS SELECT 1 AS `id` */;\n',
  'sh%20op@newest.sql':
    'USE `sh op`;\n/*!50001 DROP VIEW IF EXISTS `newest` */;\n/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`gone`@`%` SQL SECURITY DEFINER */\n/*!50001 VIEW `newest` AS select `twice_of`(max(`id`)) AS `id` from `or``ders` */;\n',
  '@.done.json': JSON.stringify({
    end: '2026-11-28 03:00:00',
    chunkFileBytes: { 'sh%20op@or%60ders@0.tsv': 27, 'sh%20op@or%60ders@@1.tsv': 15 },
  }),
};

/** The directory with some files changed; undefined removes one. */
export function shellDirectory(changes: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ ...SHELL_DIRECTORY, ...changes }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
}
