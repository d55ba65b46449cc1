SET NAMES utf8mb4;
SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO';
CREATE TABLE customer (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(100) NOT NULL, email VARCHAR(100) UNIQUE, note TEXT, photo VARBINARY(300),
  joined DATETIME(6) NOT NULL, seen TIMESTAMP NULL, kind ENUM('a;b', 'c''d', 'e') NOT NULL, tags SET('x', 'y'), flags BIT(12), ratio DOUBLE,
  latin VARCHAR(50) CHARACTER SET latin1, doc JSON, size BIGINT GENERATED ALWAYS AS (LENGTH(note)) STORED, KEY by_note (note(20))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE orders (
  id BIGINT UNSIGNED NOT NULL PRIMARY KEY, customer_id INT NOT NULL, amount DECIMAL(30, 10) NOT NULL, day DATE, CONSTRAINT positive CHECK (amount >= 0),
  CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customer (id) ON DELETE CASCADE, KEY by_day (day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE audit (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, what VARCHAR(100)) ENGINE=MyISAM DEFAULT CHARSET=utf8mb4;
CREATE TABLE keyless (a INT, b VARCHAR(20)) DEFAULT CHARSET=utf8mb4;
CREATE TABLE nothing (id INT) DEFAULT CHARSET=utf8mb4;
CREATE TABLE `odd ``name;. é` (`a b` INT PRIMARY KEY, `select` TEXT) DEFAULT CHARSET=utf8mb4;
CREATE TABLE measure (at DATE NOT NULL, site INT NOT NULL, value FLOAT, PRIMARY KEY (at, site)) DEFAULT CHARSET=utf8mb4
  PARTITION BY RANGE (YEAR(at)) (PARTITION p25 VALUES LESS THAN (2026), PARTITION p26 VALUES LESS THAN MAXVALUE);
CREATE TABLE series (id INT PRIMARY KEY) SELECT d0.n + 10 * d1.n + 100 * d2.n + 1 AS id FROM
  (SELECT 0 n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9) d0,
  (SELECT 0 n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9) d1,
  (SELECT 0 n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3) d2;
INSERT INTO customer (id, name, email, note, photo, joined, seen, kind, tags, flags, ratio, latin, doc)
SELECT id, CONCAT('customer ', id), CONCAT('c', id, '@example.com'),
  CASE id % 7 WHEN 0 THEN 'first line\nsecond line; -- no comment\n-- Dump completed\nthird' WHEN 1 THEN 'tab\there \\ backslash "quoted" ''single''' WHEN 2 THEN CONCAT('Ünïcödé ☃ 😀 ', id)
    WHEN 3 THEN NULL WHEN 4 THEN '' WHEN 5 THEN 'DELIMITER ;;\nINSERT INTO `x` VALUES (1);\n*/ /*!50003 x */' ELSE CONCAT(SHA2(id, 256), REPEAT(' long', 20)) END,
  UNHEX(CONCAT(REPEAT('00FF5C0A0D27221A', 3), LPAD(HEX(id), 4, '0'))), '2026-01-01 00:00:00.123456' + INTERVAL id HOUR, '2026-03-29 00:30:00',
  ELT(1 + id % 3, 'a;b', 'c''d', 'e'), ELT(1 + id % 3, '', 'x', 'x,y'), id, 1 / id, 'äöüß', JSON_OBJECT('n', id, 'key', SHA2(id, 256), 'text', 'line\nbreak; ''quote''')
FROM series WHERE id <= 120;
INSERT INTO orders SELECT id, 1 + id % 120, (id * 37 % 1000) / 7, '2026-01-01' + INTERVAL id DAY FROM series WHERE id <= 300;
INSERT INTO orders VALUES (18446744073709550000, 1, 12345678901234567890.0123456789, NULL);
INSERT INTO keyless VALUES (1, 'same'), (1, 'same'), (NULL, NULL);
INSERT INTO `odd ``name;. é` SELECT id, CONCAT('v', id) FROM series WHERE id <= 40;
INSERT INTO measure SELECT '2025-09-01' + INTERVAL id DAY, id % 3, id / 3 FROM series WHERE id <= 200;
DROP TABLE series;
CREATE VIEW big_orders AS SELECT o.id, c.name, o.amount FROM orders o JOIN customer c ON c.id = o.customer_id WHERE o.amount > 100;
CREATE VIEW over_big_orders AS SELECT COUNT(*) AS n FROM big_orders;
DELIMITER //
CREATE TRIGGER customer_changed AFTER UPDATE ON customer FOR EACH ROW
BEGIN
  INSERT INTO audit (what) VALUES (CONCAT('changed; ', NEW.id)); -- a comment; with a semicolon
END//
CREATE FUNCTION twice_of(n INT) RETURNS INT DETERMINISTIC
BEGIN /* a comment */ DECLARE r INT; SET r = n * 2; RETURN r; END//
CREATE PROCEDURE touch(IN p INT) MODIFIES SQL DATA BEGIN UPDATE customer SET ratio = 0 WHERE id = p; END//
CREATE EVENT tidy ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DO BEGIN DELETE FROM audit; INSERT INTO audit (what) VALUES ('ran'); END//
DELIMITER ;
UPDATE customer SET seen = NULL WHERE id <= 25;
