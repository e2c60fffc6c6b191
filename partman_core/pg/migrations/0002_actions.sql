CREATE TABLE {schema}.actions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    method text NOT NULL,
    action text NOT NULL,
    target text,
    allowed boolean NOT NULL,
    detail text,
    address text
);
COMMENT ON TABLE {schema}.actions IS
    'partman: what people did, and were refused, by other doors than the command line';
