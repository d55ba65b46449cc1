/**
 * What Sakila lacks but real databases have: values that are lost when bytes are read as text, zero dates, big numbers,
 * delimiters and comment marks in strings, a table without a key, definers that no dump of a single database includes,
 * names that must be quoted, an event.
 */
export const EXTRAS = `
CREATE DATABASE shop CHARACTER SET utf8mb4;
USE shop;
SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO';
CREATE USER 'clerk'@'10.%' IDENTIFIED BY 'secret-of-the-clerk';
CREATE USER 'no \`body'@'%', 'gone'@'localhost';
GRANT ALL ON shop.* TO 'clerk'@'10.%', 'no \`body'@'%', 'gone'@'localhost';
CREATE TABLE \`odd \`\`name;\` (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, note TEXT, raw VARBINARY(600), flags BIT(12), price DECIMAL(30,10), ratio DOUBLE,
  day DATE NOT NULL DEFAULT '0000-00-00', at DATETIME(6), seen TIMESTAMP NULL, doc JSON, kind ENUM('a;b','c''d'), tags SET('x','y'),
  old VARCHAR(50) CHARACTER SET latin1, size BIGINT GENERATED ALWAYS AS (LENGTH(note)) STORED, KEY by_note (note(20)), UNIQUE KEY by_kind (kind, id)
) ENGINE=InnoDB AUTO_INCREMENT=18446744073709551000;
INSERT INTO \`odd \`\`name;\` (id, note, raw, flags, price, ratio, day, at, seen, doc, kind, tags, old) VALUES
  (0, 'zero is a value', x'00', b'101010101010', 12345678901234567890.0123456789, 1e-300, '0000-00-00', '9999-12-31 23:59:59.999999', '2026-03-29 00:30:00', '{"a": [1, "x;y"]}', 'a;b', 'x,y', 'äöüß'),
  (9007199254740993, 'it''s; -- no comment\\n/* nor */ this \\\\ \\0 \\Z \\" 😀 ß', x'00ff1a0a0d275c22253b', b'0', -0.0000000001, -1.5, '2026-02-28', NULL, NULL, 'null', 'c''d', '', '€'),
  (18446744073709550000, 'DELIMITER ;;\\n*/ /*!50003 x */ # y', UNHEX(REPEAT('00010203E4F6FCC3A4F09F98805C27220A', 30)), NULL, NULL, NULL, '2026-01-01', '2026-01-01 00:00:00.000001', NULL, NULL, NULL, NULL, NULL);
INSERT INTO \`odd \`\`name;\` (id, note) VALUES (5, ''), (6, NULL), (7, REPEAT('long ', 60000));
CREATE TABLE keyless (a INT, b VARCHAR(20));
INSERT INTO keyless VALUES (1, 'same'), (1, 'same'), (NULL, NULL);
CREATE TABLE parent (id INT PRIMARY KEY) ENGINE=InnoDB;
CREATE TABLE child (id INT PRIMARY KEY, parent_id INT NOT NULL, FOREIGN KEY (parent_id) REFERENCES parent (id) ON DELETE CASCADE) ENGINE=InnoDB;
CREATE TABLE audit (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, what VARCHAR(100)) ENGINE=MyISAM;
INSERT INTO parent VALUES (1), (2);
INSERT INTO child VALUES (10, 1), (20, 2);
CREATE DEFINER='clerk'@'10.%' VIEW children AS SELECT c.id, p.id AS parent FROM child c JOIN parent p ON p.id = c.parent_id;
CREATE DEFINER='no \`body'@'%' VIEW over_children AS SELECT COUNT(*) AS n FROM children;
DELIMITER //
CREATE DEFINER='clerk'@'10.%' TRIGGER child_added AFTER INSERT ON child FOR EACH ROW
BEGIN
  INSERT INTO audit (what) VALUES (CONCAT('child; ', NEW.id)); -- a comment; with a delimiter
END//
CREATE DEFINER='gone'@'localhost' FUNCTION twice_of(n INT) RETURNS INT DETERMINISTIC
BEGIN /* a comment */ DECLARE r INT; SET r = n * 2; RETURN r; END//
CREATE PROCEDURE touch_parent(IN p INT) MODIFIES SQL DATA BEGIN UPDATE parent SET id = id WHERE id = p; END//
CREATE DEFINER='gone'@'localhost' EVENT tidy ON SCHEDULE EVERY 1 SECOND STARTS '2030-01-01 00:00:00' DO BEGIN DELETE FROM audit; INSERT INTO audit (what) VALUES ('the event ran'); END//
DELIMITER ;
`;
