-- What the firms of a city did is counted besides, under *city/ and the city's key, so
-- that a board of a city is the sum of few rows: by days, and by weeks as for the desk.
-- How old their open work is stands under *age/*city/.
INSERT INTO tallies (desk_id, contractor_id, day, name, n)
SELECT c.desk_id, '*city/' || c.city_key, t.day, t.name, sum(t.n)
FROM contractors AS c JOIN tallies AS t ON t.desk_id = c.desk_id AND t.contractor_id = c.id
WHERE t.day > 0 GROUP BY c.desk_id, c.city_key, t.day, t.name;
INSERT INTO tallies (desk_id, contractor_id, day, name, n)
SELECT desk_id, contractor_id, -((day + 3) / 7), name, sum(n) FROM tallies
WHERE contractor_id LIKE '*city/%' AND day > 0 GROUP BY desk_id, contractor_id, -((day + 3) / 7), name;
INSERT INTO tallies (desk_id, contractor_id, day, name, n)
SELECT c.desk_id, '*age/*city/' || c.city_key, t.day, t.name, sum(t.n)
FROM contractors AS c JOIN tallies AS t ON t.desk_id = c.desk_id AND t.contractor_id = '*age/' || c.id
WHERE t.day > 0 GROUP BY c.desk_id, c.city_key, t.day, t.name;
