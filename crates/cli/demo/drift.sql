DROP INDEX idx_contact_email;
ALTER TABLE port ADD COLUMN speed_text VARCHAR(10) DEFAULT NULL;
UPDATE port SET speed_text = speed;
ALTER TABLE port DROP COLUMN speed;
ALTER TABLE port RENAME COLUMN speed_text TO speed;
CREATE TABLE tmp_import (line TEXT);
INSERT INTO tmp_import (line) VALUES ('64512;Mooring Media'), ('64513;Narrows Net');
