-- The newest first, before $3; $2 is a state.
-- name: list_page
SELECT s.series_id::text AS id
  FROM plugin_recurring_bookings.series s
 WHERE s.tenant_id = $1 AND s.state = $2 AND s.series_id < $3
 ORDER BY s.series_id DESC
 LIMIT 51;

-- name: list_of_customer
SELECT s.series_id::text AS id
  FROM plugin_recurring_bookings.series s
 WHERE s.tenant_id = $1 AND s.state = $2 AND s.series_id < $3
   AND s.customer_id = $4
 ORDER BY s.series_id DESC
 LIMIT 51;

-- By the beginning of the name they are for, by its address, or by what finds the customer:
-- $4 <= term < $5.
-- name: list_found
SELECT s.series_id::text AS id
  FROM plugin_recurring_bookings.series s
 WHERE s.tenant_id = $1 AND s.state = $2 AND s.series_id < $3
   AND s.series_id = ANY (ARRAY(
       SELECT x.series_id
         FROM plugin_recurring_bookings.series x
        WHERE x.tenant_id = $1 AND x.name_folded >= $4 AND x.name_folded < $5
        UNION
       SELECT x.series_id
         FROM plugin_recurring_bookings.series x
        WHERE x.tenant_id = $1 AND x.email_folded = $4
        UNION
       SELECT x.series_id
         FROM search_term t
         JOIN plugin_recurring_bookings.series x
              ON x.tenant_id = t.tenant_id AND x.customer_id = t.object_id
        WHERE t.tenant_id = $1 AND t.kind = 'customer' AND t.term >= $4 AND t.term < $5
        LIMIT 1000))
 ORDER BY s.series_id DESC
 LIMIT 51;

-- $2: ids.
-- name: list_rows
SELECT s.series_id::text AS id, o.title, s.rule, s.name, s.email, s.state, s.round,
       r.name AS resource_name,
       vt_us(((s.rule->>'first')::date + interval '12 hours') AT TIME ZONE v.time_zone) AS first_us,
       vt_us((nullif(s.rule->>'until', '')::date + interval '12 hours')
                 AT TIME ZONE v.time_zone)
           AS until_us,
       n.booked, n.skipped, n.waiting
  FROM plugin_recurring_bookings.series s
  JOIN site v ON v.tenant_id = s.tenant_id
  JOIN offer o ON o.tenant_id = s.tenant_id AND o.offer_id = s.offer_id
  LEFT JOIN resource r ON r.tenant_id = s.tenant_id AND r.resource_id = s.resource_id
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE x.state = 'booked')::int AS booked,
              count(*) FILTER (WHERE x.state = 'skipped')::int AS skipped,
              count(*) FILTER (WHERE x.state = 'planned')::int AS waiting
         FROM plugin_recurring_bookings.occurrence x
        WHERE x.tenant_id = s.tenant_id AND x.series_id = s.series_id) n
 WHERE s.tenant_id = $1
   AND s.series_id = ANY (ARRAY(SELECT i::bigint FROM jsonb_array_elements_text($2::jsonb) i))
 ORDER BY s.series_id DESC;

-- A customer's with dates still to be booked.
-- name: list_open_of_customer
SELECT count(*)::int AS count
  FROM plugin_recurring_bookings.series s
 WHERE s.tenant_id = $1 AND s.customer_id = $2 AND s.state = 'running'
   AND EXISTS (SELECT 1 FROM plugin_recurring_bookings.occurrence n
                WHERE n.tenant_id = s.tenant_id AND n.series_id = s.series_id
                  AND n.todo IS NOT NULL);
