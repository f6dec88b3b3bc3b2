-- A posting locks the accounts that people hold, in the order of their numbers, before it reads
-- what they have: the statements after it see what others committed before. System accounts are
-- never locked.

-- Every unit of postings begins with this: the accounts $2, those of the holds $3, those that the
-- postings $4 wrote to.
-- name: ledger_lock
WITH wanted AS (
    SELECT unnest($2::bigint[]) AS account_id
     UNION
    SELECT h.account_id FROM ledger_hold_lot h
     WHERE h.tenant_id = $1 AND h.hold_id = ANY ($3::bigint[])
     UNION
    SELECT e.account_id FROM entry e
     WHERE e.tenant_id = $1 AND e.posting_id = ANY ($4::bigint[]) AND e.lot_id IS NOT NULL)
SELECT a.account_id
  FROM wanted w
  JOIN ledger_account a ON a.tenant_id = $1 AND a.account_id = w.account_id
 ORDER BY a.account_id
   FOR NO KEY UPDATE OF a;

-- What is past its time is let go, so that it can be had.
-- name: ledger_let_go
WITH due AS MATERIALIZED (
    SELECT DISTINCT hold_id FROM ledger_hold_lot
     WHERE tenant_id = $1 AND account_id = ANY ($2::bigint[]) AND until <= $3),
gone AS (
    DELETE FROM ledger_hold_lot h USING due
     WHERE h.tenant_id = $1 AND h.hold_id = due.hold_id
    RETURNING h.lot_id, h.amount),
freed AS (
    UPDATE lot_balance b SET held = b.held - g.amount
      FROM (SELECT lot_id, sum(amount)::bigint AS amount FROM gone GROUP BY lot_id) g
     WHERE b.tenant_id = $1 AND b.lot_id = g.lot_id)
INSERT INTO ledger_hold_end (tenant_id, hold_id, at) SELECT $1, hold_id, $3 FROM due;

-- name: ledger_open
INSERT INTO ledger_account (tenant_id, account_id, plugin, code, unit, is_system, customer_id,
                            created_at)
VALUES ($1, $2, $3, $4, $5, false, $6, $7)
ON CONFLICT (tenant_id, plugin, code, unit) DO NOTHING;

-- name: ledger_account_by_code
SELECT account_id FROM ledger_account
 WHERE tenant_id = $1 AND plugin = $2 AND code = $3 AND unit = $4 AND NOT is_system;

-- Into an account, from the other side: one lot.
-- $1 site, $2 posting, $3 plugin, $4 key, $5 fingerprint, $6 kind, $7 unit, $8 now, $9 order,
-- $10 line, $11 and $12 the actor, $13 the other side's code, $14 an account for it should it be
-- new, $15 account, $16 amount, $17 lot, $18 its expiry.
-- name: ledger_give
WITH other AS (
    SELECT account_id FROM ledger_account
     WHERE tenant_id = $1 AND plugin = $3 AND code = $13 AND unit = $7 AND is_system),
opened AS (
    INSERT INTO ledger_account (tenant_id, account_id, plugin, code, unit, is_system, created_at)
    SELECT $1, $14::bigint, $3::text, $13::text, $7::text, true, $8::timestamptz
     WHERE NOT EXISTS (SELECT 1 FROM other)
    RETURNING account_id),
posted AS (
    INSERT INTO posting (tenant_id, posting_id, plugin, key, fingerprint, kind, unit, at, order_id,
                         line_id, actor_kind, actor_id)
    SELECT $1, $2::bigint, $3, $4::text, $5, $6, $7, $8, $9::bigint, $10::bigint, $11,
           $12::bigint
     WHERE NOT EXISTS (SELECT 1 FROM posting
                        WHERE tenant_id = $1 AND plugin = $3 AND key = $4)
    RETURNING posting_id),
made AS (
    INSERT INTO lot (tenant_id, lot_id, account_id, posting_id, amount, expires_at)
    SELECT a.tenant_id, $17::bigint, a.account_id, p.posting_id, $16::bigint, $18::timestamptz
      FROM ledger_account a, posted p
     WHERE a.tenant_id = $1 AND a.account_id = $15 AND a.plugin = $3 AND a.unit = $7
       AND NOT a.is_system AND $18 > $8
    RETURNING lot_id, account_id, amount, expires_at),
balance AS (
    INSERT INTO lot_balance (tenant_id, lot_id, account_id, expires_at, amount, remaining)
    SELECT $1, lot_id, account_id, expires_at, amount, amount FROM made),
entries AS (
    INSERT INTO entry (tenant_id, posting_id, number, account_id, lot_id, amount)
    SELECT $1, $2, 1, account_id, lot_id, amount FROM made
     UNION ALL
    SELECT $1, $2, 2, account_id, NULL, -$16
      FROM (SELECT account_id FROM other UNION ALL SELECT account_id FROM opened) o
     WHERE EXISTS (SELECT 1 FROM made))
SELECT vt_require(EXISTS (SELECT 1 FROM posted), 'ledger.already'),
       vt_require($18 > $8, 'ledger.expired'),
       vt_require(EXISTS (SELECT 1 FROM made), 'ledger.no_account');

-- Out of accounts, to the other side, soonest to expire first; when a posting is taken back ($18),
-- what that one gave before anything else. As far as there is something, if $17 says so; then it
-- may be nothing.
-- $1 to $14 as above, $15 accounts, $16 amount.
-- name: ledger_take
WITH other AS (
    SELECT account_id FROM ledger_account
     WHERE tenant_id = $1 AND plugin = $3 AND code = $13 AND unit = $7 AND is_system),
opened AS (
    INSERT INTO ledger_account (tenant_id, account_id, plugin, code, unit, is_system, created_at)
    SELECT $1, $14::bigint, $3::text, $13::text, $7::text, true, $8::timestamptz
     WHERE NOT EXISTS (SELECT 1 FROM other)
    RETURNING account_id),
source AS (
    SELECT account_id FROM ledger_account
     WHERE tenant_id = $1 AND account_id = ANY ($15::bigint[]) AND plugin = $3 AND unit = $7
       AND NOT is_system),
first AS (
    SELECT lot_id FROM lot WHERE tenant_id = $1 AND posting_id = $18::bigint LIMIT 1),
open AS (
    SELECT b.lot_id, b.account_id, b.remaining - b.held AS free,
           sum(b.remaining - b.held) OVER (
               ORDER BY b.lot_id IS DISTINCT FROM (SELECT lot_id FROM first), b.expires_at,
                        b.lot_id)::bigint AS upto
      FROM source s
      JOIN lot_balance b ON b.tenant_id = $1 AND b.account_id = s.account_id AND NOT b.spent
     WHERE b.expires_at > $8 AND b.remaining > b.held),
taken AS (
    SELECT lot_id, account_id, least(free, $16::bigint - (upto - free)) AS amount
      FROM open WHERE upto - free < $16),
lowered AS (
    UPDATE lot_balance b
       SET remaining = b.remaining - t.amount, spent = b.remaining = t.amount
      FROM taken t
     WHERE b.tenant_id = $1 AND b.lot_id = t.lot_id),
posted AS (
    INSERT INTO posting (tenant_id, posting_id, plugin, key, fingerprint, kind, unit, at, order_id,
                         line_id, actor_kind, actor_id, reverses)
    SELECT $1, $2::bigint, $3, $4::text, $5, $6, $7, $8, $9::bigint, $10::bigint, $11,
           $12::bigint, $18::bigint
     WHERE NOT EXISTS (SELECT 1 FROM posting
                        WHERE tenant_id = $1 AND plugin = $3 AND key = $4)
    RETURNING posting_id),
entries AS (
    INSERT INTO entry (tenant_id, posting_id, number, account_id, lot_id, amount)
    SELECT $1, p.posting_id, row_number() OVER (), t.account_id, t.lot_id, t.amount
      FROM posted p, (
           SELECT account_id, lot_id, -amount AS amount FROM taken
            UNION ALL
           SELECT o.account_id, NULL, (SELECT sum(amount)::bigint FROM taken)
             FROM (SELECT account_id FROM other UNION ALL SELECT account_id FROM opened) o
            WHERE EXISTS (SELECT 1 FROM taken)) t)
SELECT vt_require(EXISTS (SELECT 1 FROM posted), 'ledger.already'),
       vt_require((SELECT count(*) FROM source) = cardinality($15::bigint[]), 'ledger.no_account'),
       vt_require($17::boolean OR (SELECT sum(amount) FROM taken) = $16, 'ledger.short'),
       vt_require($18::bigint IS NULL OR coalesce(
           (SELECT sum(e.amount) FROM posting p JOIN entry e USING (tenant_id, posting_id)
             WHERE p.tenant_id = $1 AND p.reverses = $18 AND e.lot_id IS NULL), 0)
           + (SELECT coalesce(sum(amount), 0) FROM taken)
           <= (SELECT sum(e.amount) FROM entry e
                WHERE e.tenant_id = $1 AND e.posting_id = $18 AND e.lot_id IS NOT NULL),
           'ledger.too_much'),
       (SELECT coalesce(sum(amount), 0) FROM taken) AS taken;

-- What was taken comes back to the lots it came from, those that live longest first. A lot that has
-- expired meanwhile is followed by a new one until $15, if that is given; its value goes back into
-- it otherwise, and is gone.
-- $1 to $12 as above, $13 the posting, $14 amount.
-- name: ledger_return
WITH was AS (
    SELECT posting_id FROM posting
     WHERE tenant_id = $1 AND posting_id = $13::bigint AND plugin = $3 AND unit = $7),
other AS (
    SELECT a.account_id FROM was
      JOIN entry e ON e.tenant_id = $1 AND e.posting_id = was.posting_id AND e.amount > 0
      JOIN ledger_account a ON a.tenant_id = $1 AND a.account_id = e.account_id AND a.is_system),
back AS (
    SELECT CASE l.posting_id WHEN p.posting_id THEN l.from_lot ELSE l.lot_id END AS lot_id,
           sum(e.amount)::bigint AS amount
      FROM posting p
      JOIN entry e ON e.tenant_id = $1 AND e.posting_id = p.posting_id AND e.lot_id IS NOT NULL
      JOIN lot l ON l.tenant_id = $1 AND l.lot_id = e.lot_id
     WHERE p.tenant_id = $1 AND p.reverses = $13
     GROUP BY 1),
open AS (
    SELECT e.lot_id, e.account_id, l.expires_at, -e.amount - coalesce(b.amount, 0) AS free,
           sum(-e.amount - coalesce(b.amount, 0)) OVER (
               ORDER BY l.expires_at DESC, e.lot_id DESC)::bigint AS upto
      FROM was
      JOIN entry e ON e.tenant_id = $1 AND e.posting_id = was.posting_id AND e.amount < 0
      JOIN lot l ON l.tenant_id = $1 AND l.lot_id = e.lot_id
      LEFT JOIN back b ON b.lot_id = e.lot_id
     WHERE -e.amount > coalesce(b.amount, 0)),
given AS (
    SELECT lot_id, account_id, least(free, $14::bigint - (upto - free)) AS amount,
           coalesce(expires_at <= $8 AND $15::timestamptz > $8, false) AS anew
      FROM open WHERE upto - free < $14),
raised AS (
    UPDATE lot_balance b SET remaining = b.remaining + g.amount, spent = false
      FROM given g
     WHERE b.tenant_id = $1 AND b.lot_id = g.lot_id AND NOT g.anew),
posted AS (
    INSERT INTO posting (tenant_id, posting_id, plugin, key, fingerprint, kind, unit, at, order_id,
                         line_id, actor_kind, actor_id, reverses)
    SELECT $1, $2::bigint, $3, $4::text, $5, $6, $7, $8, $9::bigint, $10::bigint, $11,
           $12::bigint, $13::bigint FROM was
     WHERE NOT EXISTS (SELECT 1 FROM posting
                        WHERE tenant_id = $1 AND plugin = $3 AND key = $4)
    RETURNING posting_id),
made AS (
    INSERT INTO lot (tenant_id, account_id, posting_id, amount, expires_at, from_lot)
    SELECT $1, g.account_id, p.posting_id, g.amount, $15, g.lot_id
      FROM given g, posted p WHERE g.anew
    RETURNING lot_id, account_id, amount, expires_at),
balance AS (
    INSERT INTO lot_balance (tenant_id, lot_id, account_id, expires_at, amount, remaining)
    SELECT $1, lot_id, account_id, expires_at, amount, amount FROM made),
entries AS (
    INSERT INTO entry (tenant_id, posting_id, number, account_id, lot_id, amount)
    SELECT $1, p.posting_id, row_number() OVER (), t.account_id, t.lot_id, t.amount
      FROM posted p, (
           SELECT account_id, lot_id, amount FROM given WHERE NOT anew
            UNION ALL
           SELECT account_id, lot_id, amount FROM made
            UNION ALL
           SELECT account_id, NULL, -$14 FROM other) t)
SELECT vt_require(EXISTS (SELECT 1 FROM was), 'ledger.not_found'),
       vt_require(EXISTS (SELECT 1 FROM posted), 'ledger.already'),
       vt_require((SELECT sum(amount) FROM given) = $14, 'ledger.too_much');

-- name: ledger_any
SELECT 1 AS n FROM ledger_account WHERE tenant_id = $1 LIMIT 1;

-- $1 site, $2 hold, $3 plugin, $4 key, $5 fingerprint, $6 unit, $7 now, $8 until, $9 order,
-- $10 accounts, $11 amount.
-- name: ledger_hold
WITH source AS (
    SELECT account_id FROM ledger_account
     WHERE tenant_id = $1 AND account_id = ANY ($10::bigint[]) AND plugin = $3 AND unit = $6
       AND NOT is_system),
open AS (
    SELECT b.lot_id, b.account_id, b.remaining - b.held AS free,
           sum(b.remaining - b.held) OVER (ORDER BY b.expires_at, b.lot_id)::bigint AS upto
      FROM source s
      JOIN lot_balance b ON b.tenant_id = $1 AND b.account_id = s.account_id AND NOT b.spent
     WHERE b.expires_at > $7 AND b.remaining > b.held),
taken AS (
    SELECT lot_id, account_id, least(free, $11::bigint - (upto - free)) AS amount
      FROM open WHERE upto - free < $11),
raised AS (
    UPDATE lot_balance b SET held = b.held + t.amount
      FROM taken t
     WHERE b.tenant_id = $1 AND b.lot_id = t.lot_id),
held AS (
    INSERT INTO ledger_hold (tenant_id, hold_id, plugin, key, fingerprint, unit, amount, at, until,
                             order_id)
    SELECT $1, $2::bigint, $3, $4::text, $5::text, $6, $11::bigint, $7, $8::timestamptz, $9::bigint
     WHERE NOT EXISTS (SELECT 1 FROM ledger_hold
                        WHERE tenant_id = $1 AND plugin = $3 AND key = $4)
    RETURNING hold_id),
lots AS (
    INSERT INTO ledger_hold_lot (tenant_id, hold_id, lot_id, account_id, amount, until)
    SELECT $1, h.hold_id, t.lot_id, t.account_id, t.amount, $8 FROM held h, taken t)
SELECT vt_require(EXISTS (SELECT 1 FROM held), 'ledger.already'),
       vt_require((SELECT count(*) FROM source) = cardinality($10::bigint[]), 'ledger.no_account'),
       vt_require((SELECT sum(amount) FROM taken) = $11, 'ledger.short');

-- A part of a hold at most, or all of it; the rest is let go.
-- $1 to $14 as for giving, $15 the hold, $16 amount.
-- name: ledger_capture
WITH other AS (
    SELECT account_id FROM ledger_account
     WHERE tenant_id = $1 AND plugin = $3 AND code = $13 AND unit = $7 AND is_system),
opened AS (
    INSERT INTO ledger_account (tenant_id, account_id, plugin, code, unit, is_system, created_at)
    SELECT $1, $14::bigint, $3::text, $13::text, $7::text, true, $8::timestamptz
     WHERE NOT EXISTS (SELECT 1 FROM other)
    RETURNING account_id),
hold AS (
    SELECT hold_id, amount FROM ledger_hold
     WHERE tenant_id = $1 AND hold_id = $15 AND plugin = $3 AND unit = $7),
gone AS (
    DELETE FROM ledger_hold_lot h USING hold
     WHERE h.tenant_id = $1 AND h.hold_id = hold.hold_id
    RETURNING h.lot_id, h.account_id, h.amount),
open AS (
    SELECT g.lot_id, g.account_id, g.amount,
           sum(g.amount) OVER (ORDER BY l.expires_at, g.lot_id)::bigint AS upto
      FROM gone g JOIN lot l ON l.tenant_id = $1 AND l.lot_id = g.lot_id),
taken AS (
    SELECT lot_id, account_id, amount AS held,
           greatest(least(amount, $16::bigint - (upto - amount)), 0) AS amount
      FROM open),
lowered AS (
    UPDATE lot_balance b
       SET remaining = b.remaining - t.amount, held = b.held - t.held,
           spent = b.remaining = t.amount
      FROM taken t
     WHERE b.tenant_id = $1 AND b.lot_id = t.lot_id),
posted AS (
    INSERT INTO posting (tenant_id, posting_id, plugin, key, fingerprint, kind, unit, at, order_id,
                         line_id, actor_kind, actor_id)
    SELECT $1, $2::bigint, $3, $4::text, $5, $6, $7, $8, $9::bigint, $10::bigint, $11,
           $12::bigint FROM hold
     WHERE NOT EXISTS (SELECT 1 FROM posting
                        WHERE tenant_id = $1 AND plugin = $3 AND key = $4)
    RETURNING posting_id),
ended AS (
    INSERT INTO ledger_hold_end (tenant_id, hold_id, posting_id, at)
    SELECT $1, hold.hold_id, p.posting_id, $8 FROM hold, posted p
     WHERE EXISTS (SELECT 1 FROM gone)),
entries AS (
    INSERT INTO entry (tenant_id, posting_id, number, account_id, lot_id, amount)
    SELECT $1, p.posting_id, row_number() OVER (), t.account_id, t.lot_id, t.amount
      FROM posted p, (
           SELECT account_id, lot_id, -amount AS amount FROM taken WHERE amount > 0
            UNION ALL
           SELECT o.account_id, NULL, (SELECT sum(amount)::bigint FROM taken)
             FROM (SELECT account_id FROM other UNION ALL SELECT account_id FROM opened) o
            WHERE EXISTS (SELECT 1 FROM taken)) t)
SELECT vt_require(EXISTS (SELECT 1 FROM hold), 'ledger.not_found'),
       vt_require(EXISTS (SELECT 1 FROM posted), 'ledger.already'),
       vt_require(EXISTS (SELECT 1 FROM gone), 'ledger.ended'),
       vt_require((SELECT amount FROM hold) >= $16, 'ledger.too_much');

-- name: ledger_void
WITH hold AS (
    SELECT hold_id FROM ledger_hold
     WHERE tenant_id = $1 AND hold_id = $2 AND plugin = $3),
gone AS (
    DELETE FROM ledger_hold_lot h USING hold
     WHERE h.tenant_id = $1 AND h.hold_id = hold.hold_id
    RETURNING h.lot_id, h.amount),
freed AS (
    UPDATE lot_balance b SET held = b.held - g.amount
      FROM gone g
     WHERE b.tenant_id = $1 AND b.lot_id = g.lot_id),
ended AS (
    INSERT INTO ledger_hold_end (tenant_id, hold_id, at)
    SELECT $1, hold_id, $4 FROM hold WHERE EXISTS (SELECT 1 FROM gone))
SELECT vt_require(EXISTS (SELECT 1 FROM hold), 'ledger.not_found'),
       vt_require(EXISTS (SELECT 1 FROM gone), 'ledger.ended');

-- name: ledger_note
INSERT INTO posting_note (tenant_id, posting_id, body, actor_name) VALUES ($1, $2, $3, $4);

-- What was done under a key.
-- name: ledger_posting_by_key
SELECT posting_id AS id, fingerprint FROM posting
 WHERE tenant_id = $1 AND plugin = $2 AND key = $3;

-- name: ledger_hold_by_key
SELECT hold_id AS id, fingerprint FROM ledger_hold
 WHERE tenant_id = $1 AND plugin = $2 AND key = $3;

-- After the lot ($3, $4).
-- name: ledger_expiring
SELECT b.lot_id, b.account_id, b.expires_at::text AS expires_at
  FROM lot_balance b
 WHERE b.tenant_id = $1 AND NOT b.spent AND b.expires_at <= $2
   AND (b.expires_at, b.lot_id) > ($3::timestamptz, $4::bigint)
 ORDER BY b.expires_at, b.lot_id LIMIT 500;

-- What has expired and isn't on hold leaves its account. $3 lots, $4 a posting for each.
-- name: ledger_expire
WITH due AS MATERIALIZED (
    SELECT n.posting_id, b.lot_id, b.account_id, b.remaining - b.held AS amount, a.plugin, a.unit
      FROM unnest($3::bigint[], $4::bigint[]) AS n (lot_id, posting_id)
      JOIN lot_balance b ON b.tenant_id = $1 AND b.lot_id = n.lot_id
      JOIN ledger_account a ON a.tenant_id = $1 AND a.account_id = b.account_id
     WHERE b.expires_at <= $2 AND b.remaining > b.held),
kinds AS (
    SELECT DISTINCT plugin, unit FROM due),
other AS (
    SELECT k.plugin, k.unit, a.account_id
      FROM kinds k
      JOIN ledger_account a ON a.tenant_id = $1 AND a.plugin = k.plugin AND a.code = 'expired'
           AND a.unit = k.unit),
opened AS (
    INSERT INTO ledger_account (tenant_id, plugin, code, unit, is_system, created_at)
    SELECT $1, k.plugin, 'expired', k.unit, true, $2 FROM kinds k
     WHERE NOT EXISTS (SELECT 1 FROM other o WHERE o.plugin = k.plugin AND o.unit = k.unit)
    RETURNING plugin, unit, account_id),
lowered AS (
    UPDATE lot_balance b SET remaining = b.held, spent = b.held = 0
      FROM due d
     WHERE b.tenant_id = $1 AND b.lot_id = d.lot_id),
posted AS (
    INSERT INTO posting (tenant_id, posting_id, plugin, key, fingerprint, kind, unit, at,
                         actor_kind)
    SELECT $1, posting_id, plugin, 'expired:' || posting_id, '', 'expired', unit, $2, 'system'
      FROM due),
entries AS (
    INSERT INTO entry (tenant_id, posting_id, number, account_id, lot_id, amount)
    SELECT $1, posting_id, 1, account_id, lot_id, -amount FROM due
     UNION ALL
    SELECT $1, d.posting_id, 2, o.account_id, NULL, d.amount
      FROM due d
      JOIN (SELECT plugin, unit, account_id FROM other
             UNION ALL SELECT plugin, unit, account_id FROM opened) o
        ON o.plugin = d.plugin AND o.unit = d.unit)
SELECT count(*) AS expired FROM due;

-- What accounts have at a moment: to spend, on hold, and when some of it expires next.
-- name: ledger_balance
SELECT coalesce(sum(remaining - held) FILTER (WHERE expires_at > $3), 0)::bigint AS available,
       coalesce(sum(held), 0)::bigint AS held,
       coalesce(sum(remaining), 0)::bigint AS total,
       vt_us(min(nullif(expires_at, 'infinity')) FILTER (WHERE expires_at > $3)) AS expires_at
  FROM ledger_account a
  JOIN lot_balance b ON b.tenant_id = $1 AND b.account_id = a.account_id AND NOT b.spent
 WHERE a.tenant_id = $1 AND a.account_id = ANY ($2::bigint[]) AND a.plugin = $4;

-- Movements of an account, newest first, before a posting.
-- name: ledger_movements
SELECT p.posting_id::text AS posting_id, p.kind, vt_us(p.at) AS at,
       p.order_id::text AS order_id, p.line_id::text AS line_id, p.reverses::text AS reverses,
       p.actor_kind, n.body AS note, n.actor_name, m.amount, vt_us(nullif(m.expires_at, 'infinity')) AS expires_at
  FROM (SELECT e.posting_id, sum(e.amount)::bigint AS amount, max(l.expires_at) AS expires_at
          FROM entry e
          LEFT JOIN lot l ON l.tenant_id = $1 AND l.posting_id = e.posting_id
               AND l.lot_id = e.lot_id
         WHERE e.tenant_id = $1 AND e.posting_id < $3
           AND e.account_id = (SELECT account_id FROM ledger_account
                                WHERE tenant_id = $1 AND account_id = $2 AND plugin = $5)
         GROUP BY e.posting_id ORDER BY e.posting_id DESC LIMIT $4) m
  JOIN posting p ON p.tenant_id = $1 AND p.posting_id = m.posting_id
  LEFT JOIN posting_note n ON n.tenant_id = $1 AND n.posting_id = p.posting_id
 ORDER BY p.posting_id DESC;
