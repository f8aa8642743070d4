CREATE TABLE customer (
  id INT NOT NULL AUTO_INCREMENT,
  name VARCHAR(100) NOT NULL COMMENT 'as on the invoice',
  short VARCHAR(20) DEFAULT NULL,
  kind ENUM('a','b') NOT NULL DEFAULT 'a',
  active TINYINT(1) NOT NULL DEFAULT 1,
  balance DECIMAL(10,2) NOT NULL DEFAULT 0.00,
  created DATETIME NOT NULL DEFAULT current_timestamp(),
  changed DATETIME DEFAULT NULL ON UPDATE current_timestamp(),
  note TEXT DEFAULT NULL,
  meta JSON DEFAULT NULL,
  code VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL,
  tax INT GENERATED ALWAYS AS (balance * 2) STORED,
  PRIMARY KEY (id),
  UNIQUE KEY customer_short (short),
  KEY customer_name (name),
  KEY customer_created (created, active),
  FULLTEXT KEY customer_note (note),
  CONSTRAINT customer_balance CHECK (balance > -1000)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC COMMENT='who pays';
CREATE TABLE invoice (
  id INT NOT NULL AUTO_INCREMENT,
  customer_id INT NOT NULL,
  short VARCHAR(20) DEFAULT NULL,
  number INT UNSIGNED NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY invoice_number (number, customer_id),
  KEY invoice_customer (customer_id),
  KEY invoice_short (short),
  CONSTRAINT invoice_customer FOREIGN KEY (customer_id) REFERENCES customer (id) ON DELETE CASCADE,
  CONSTRAINT invoice_short FOREIGN KEY (short) REFERENCES customer (short) ON UPDATE CASCADE
) ENGINE=InnoDB;
CREATE TABLE wide (
  id BINARY(4) NOT NULL,
  one INT NOT NULL,
  two INT NOT NULL,
  bits BIT(3) DEFAULT NULL,
  picture BLOB DEFAULT NULL,
  letter CHAR(5) DEFAULT NULL,
  share DOUBLE DEFAULT NULL,
  flags SET('a','b') DEFAULT NULL,
  clock TIME DEFAULT NULL,
  moment TIMESTAMP NULL DEFAULT NULL,
  hash VARBINARY(9) DEFAULT NULL,
  price DECIMAL(8,2) DEFAULT NULL,
  number INT UNSIGNED DEFAULT NULL,
  place POINT DEFAULT NULL,
  phone VARCHAR(9) DEFAULT NULL COMMENT '(DC2Type:phone)',
  PRIMARY KEY (id),
  UNIQUE KEY wide_one (one),
  UNIQUE KEY wide_two (two),
  KEY wide_letter (letter) COMMENT 'by letter'
) ENGINE=InnoDB STATS_PERSISTENT=1;
CREATE TABLE link (
  id INT NOT NULL, one INT NOT NULL, two INT NOT NULL, PRIMARY KEY (id), KEY link_one (one), KEY link_two (two),
  CONSTRAINT link_one FOREIGN KEY (one) REFERENCES wide (one)
) ENGINE=InnoDB;
CREATE TABLE parted (id INT NOT NULL, PRIMARY KEY (id)) ENGINE=InnoDB PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10) ENGINE = InnoDB);
CREATE VIEW names AS SELECT id, name FROM customer;
CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC NO SQL RETURN n * 2;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2035-01-01 02:00:00' DISABLE DO DELETE FROM wide WHERE id = 1;
CREATE TRIGGER `counted` BEFORE INSERT ON `link` FOR EACH ROW SET NEW.two = NEW.one;
INSERT INTO customer (name, short, note, meta) VALUES ('Ann', 'ann', 'x', '{}'), ('Bob', NULL, NULL, NULL), ('Cat', NULL, NULL, NULL);
INSERT INTO invoice (customer_id, short, number) VALUES (1, 'ann', 1), (2, NULL, 1), (2, 'ann', 2);
