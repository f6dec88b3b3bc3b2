-- Microseconds since 1970 again. What depends on a setting by its kind (extract does) may not be
-- promised to be immutable: the planner then calls the function for every value instead of writing
-- its expression into the statement.
CREATE OR REPLACE FUNCTION vt_us(t timestamptz) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (extract(epoch FROM t) * 1000000)::bigint
$$;
