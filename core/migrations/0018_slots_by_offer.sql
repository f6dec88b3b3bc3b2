-- vt_slots asks for pairs (offer, start), which only the index of an offer's slots can answer: by
-- start alone the planner may read the slots of all offers of a site. Of the function as it is by
-- now, nothing else changes.

DO $$
DECLARE
    definition text := pg_get_functiondef('vt_slots'::regproc);
    by_start text := 's.starts_at >= from_at AND s.starts_at < to_at';
    by_pair text := '(s.offer_id, s.starts_at) >= (offer, from_at) '
        'AND (s.offer_id, s.starts_at) < (offer, to_at)';
BEGIN
    EXECUTE replace(definition, by_start, by_pair);
END
$$;
