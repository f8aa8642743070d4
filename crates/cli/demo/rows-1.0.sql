INSERT INTO vlan (name, number) VALUES ('peering lan 1', 10), ('peering lan 2', 11), ('quarantine', 99);
INSERT INTO customer (name, shortname, asn, fax) VALUES
 ('Acme Networks', 'acme', 64500, '+353 1 555 0100'), ('Bluefin Hosting', 'bluefin', 64501, NULL),
 ('Coastal Fibre', 'coastal', 64502, NULL), ('Dockyard Cloud', 'dockyard', 64503, '+353 1 555 0103'),
 ('Estuary Mobile', 'estuary', 64504, NULL), ('Foghorn Radio', 'foghorn', 64505, NULL),
 ('Gannet CDN', 'gannet', 64506, NULL), ('Harbour University', 'harbour', 64507, '+353 1 555 0107'),
 ('Inlet Broadband', 'inlet', 64508, NULL), ('Jetty Games', 'jetty', 64509, NULL),
 ('Keel Carriers', 'keel', 64510, NULL), ('Lighthouse DNS', 'lighthouse', 64511, NULL);
INSERT INTO port (name, speed, customer_id, vlan_id)
 WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 47)
 SELECT 'swi' || (i / 24 + 1) || ' port ' || (i % 24 + 1),
        CASE WHEN i % 6 = 0 THEN 100000 ELSE 10000 END, i % 12 + 1, i % 2 + 1 FROM n;
INSERT INTO contact (name, email, phone, customer_id)
 WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1199)
 SELECT 'Contact ' || (i + 1), 'contact' || (i + 1) || '@example.net',
        CASE WHEN i % 3 = 0 THEN '+353 1 555 ' || (1000 + i) END, i % 12 + 1 FROM n;
