-- What the demo asks of PostgreSQL besides what partman does itself.

-- name: create
CREATE TABLE public.flights (
    time_hour timestamptz NOT NULL,
    carrier   text NOT NULL,
    flight    integer,
    origin    text,
    dest      text,
    dep_delay integer
) PARTITION BY RANGE (time_hour)

-- name: copy
COPY public.flights (time_hour, carrier, flight, origin, dest, dep_delay)
    FROM STDIN (FORMAT csv)

-- name: analyse
ANALYZE public.flights

-- name: counts
-- Every partition, the empty ones too, in the order of its bounds.
SELECT c.relname, coalesce(f.rows, 0) AS rows
  FROM pg_inherits i
  JOIN pg_class c ON c.oid = i.inhrelid
  LEFT JOIN (SELECT tableoid, count(*) AS rows FROM public.flights GROUP BY tableoid) f
         ON f.tableoid = c.oid
 WHERE i.inhparent = 'public.flights'::regclass
 ORDER BY c.relname

-- name: version
SELECT current_setting('server_version')

-- name: create_by_carrier
CREATE TABLE public.flights_by_carrier (
    time_hour timestamptz NOT NULL,
    carrier   text NOT NULL,
    flight    integer,
    origin    text,
    dest      text,
    dep_delay integer
) PARTITION BY LIST (carrier)

-- name: fill_by_carrier
INSERT INTO public.flights_by_carrier SELECT * FROM public.flights

-- name: analyse_by_carrier
ANALYZE public.flights_by_carrier

-- name: count_by_carrier
-- What each carrier has in its partitions, in the order of their names.
SELECT carrier, count(*) AS rows FROM public.flights_by_carrier
 GROUP BY carrier ORDER BY carrier
