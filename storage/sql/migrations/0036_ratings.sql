-- How the work of each firm was rated is counted besides, by stars, under *rating.
INSERT INTO tallies (desk_id, contractor_id, day, name, n)
SELECT desk_id, '*rating', 0, rating_stars || '/' || contractor_id, count(*)
FROM assignments WHERE rating_stars > 0 GROUP BY desk_id, rating_stars, contractor_id;
