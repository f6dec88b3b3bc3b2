-- Which words a thing is found by: for looking through things in their own order.
CREATE INDEX search_term_object ON search_term (tenant_id, kind, object_id, term);
