-- What has to hold of the ledger. Each statement returns what contradicts its name, whoever wrote
-- it; its first column is the site.

-- name: the_entries_of_a_posting_sum_to_zero
SELECT tenant_id, posting_id, sum(amount)::bigint AS sum
  FROM entry GROUP BY tenant_id, posting_id HAVING sum(amount) <> 0;

-- name: a_posting_writes_to_accounts_of_its_plugin_and_unit
SELECT e.tenant_id, e.posting_id, e.account_id, a.plugin, a.unit
  FROM entry e
  JOIN posting p USING (tenant_id, posting_id)
  JOIN ledger_account a USING (tenant_id, account_id)
 WHERE a.plugin <> p.plugin OR a.unit <> p.unit;

-- name: what_somebody_holds_lies_in_lots_of_their_account
SELECT e.tenant_id, e.posting_id, e.account_id, e.lot_id
  FROM entry e
  JOIN ledger_account a USING (tenant_id, account_id)
  LEFT JOIN lot l USING (tenant_id, lot_id)
 WHERE a.is_system <> (e.lot_id IS NULL) OR l.account_id <> e.account_id;

-- name: a_lot_begins_with_its_posting
SELECT l.tenant_id, l.lot_id, l.amount, e.amount AS entry
  FROM lot l
  LEFT JOIN entry e ON e.tenant_id = l.tenant_id AND e.posting_id = l.posting_id
       AND e.lot_id = l.lot_id
 WHERE e.amount IS DISTINCT FROM l.amount;

-- name: what_is_left_of_a_lot_is_the_sum_of_its_entries
SELECT coalesce(l.tenant_id, b.tenant_id) AS tenant_id, coalesce(l.lot_id, b.lot_id) AS lot_id,
       b.remaining, e.amount AS entries
  FROM lot l
  FULL JOIN lot_balance b ON b.tenant_id = l.tenant_id AND b.lot_id = l.lot_id
  LEFT JOIN (SELECT tenant_id, lot_id, sum(amount) AS amount
               FROM entry WHERE lot_id IS NOT NULL GROUP BY tenant_id, lot_id) e
    ON e.tenant_id = l.tenant_id AND e.lot_id = l.lot_id
 WHERE b.remaining IS DISTINCT FROM e.amount OR b.amount IS DISTINCT FROM l.amount
    OR b.account_id IS DISTINCT FROM l.account_id OR b.expires_at IS DISTINCT FROM l.expires_at;

-- name: what_is_on_hold_of_a_lot_is_what_holds_set_aside
SELECT b.tenant_id, b.lot_id, b.held, coalesce(h.amount, 0) AS holds
  FROM lot_balance b
  LEFT JOIN (SELECT tenant_id, lot_id, sum(amount) AS amount
               FROM ledger_hold_lot GROUP BY tenant_id, lot_id) h
    ON h.tenant_id = b.tenant_id AND h.lot_id = b.lot_id
 WHERE b.held <> coalesce(h.amount, 0);

-- name: an_open_hold_sets_its_amount_aside_and_an_ended_one_nothing
SELECT h.tenant_id, h.hold_id, h.amount, coalesce(l.amount, 0) AS set_aside,
       e.hold_id IS NOT NULL AS ended
  FROM ledger_hold h
  LEFT JOIN ledger_hold_end e USING (tenant_id, hold_id)
  LEFT JOIN (SELECT tenant_id, hold_id, sum(amount) AS amount
               FROM ledger_hold_lot GROUP BY tenant_id, hold_id) l USING (tenant_id, hold_id)
 WHERE coalesce(l.amount, 0) <> CASE WHEN e.hold_id IS NULL THEN h.amount ELSE 0 END;

-- name: a_hold_is_captured_for_its_amount_at_most
SELECT h.tenant_id, h.hold_id, h.amount, sum(e.amount) AS captured
  FROM ledger_hold h
  JOIN ledger_hold_end d USING (tenant_id, hold_id)
  JOIN entry e ON e.tenant_id = d.tenant_id AND e.posting_id = d.posting_id AND e.lot_id IS NULL
 GROUP BY h.tenant_id, h.hold_id
HAVING sum(e.amount) > h.amount;

-- name: no_more_comes_back_than_was_posted
SELECT p.tenant_id, p.posting_id, p.amount, r.amount AS back
  FROM (SELECT tenant_id, posting_id, sum(amount) AS amount
          FROM entry WHERE lot_id IS NULL GROUP BY tenant_id, posting_id) p
  JOIN (SELECT p.tenant_id, p.reverses, sum(e.amount) AS amount
          FROM posting p
          JOIN entry e ON e.tenant_id = p.tenant_id AND e.posting_id = p.posting_id
               AND e.lot_id IS NULL
         WHERE p.reverses IS NOT NULL
         GROUP BY p.tenant_id, p.reverses) r
    ON r.tenant_id = p.tenant_id AND r.reverses = p.posting_id
 WHERE sign(r.amount) = sign(p.amount) OR abs(r.amount) > abs(p.amount);

-- name: nobody_has_less_than_nothing
SELECT a.tenant_id, a.account_id, sum(e.amount) AS balance
  FROM ledger_account a
  JOIN entry e USING (tenant_id, account_id)
 WHERE NOT a.is_system
 GROUP BY a.tenant_id, a.account_id
HAVING sum(e.amount) < 0;
