INSERT INTO tag (tag, description) VALUES ('route-server', 'Peers with the route servers'), ('founder', NULL);
INSERT INTO customer_to_tag (customer_id, tag_id) SELECT id, 1 FROM customer WHERE id % 2 = 0;
INSERT INTO customer_to_tag (customer_id, tag_id) VALUES (1, 2), (2, 2), (8, 2);
UPDATE customer SET joined = '2021-04-01' WHERE id <= 8;
