-- A person's data can be erased. What is never changed otherwise may lose what it says of somebody,
-- and nothing else: amounts and states stay.

-- Numbers, truth values and their names; texts go.
CREATE FUNCTION vt_anonymous(given jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    CASE jsonb_typeof(given)
    WHEN 'object' THEN
        RETURN (SELECT coalesce(jsonb_object_agg(key, vt_anonymous(value)), '{}')
                  FROM jsonb_each(given) WHERE jsonb_typeof(value) <> 'string');
    WHEN 'array' THEN
        RETURN (SELECT coalesce(jsonb_agg(vt_anonymous(value)), '[]')
                  FROM jsonb_array_elements(given) WHERE jsonb_typeof(value) <> 'string');
    WHEN 'string' THEN
        RETURN NULL;
    ELSE
        RETURN given;
    END CASE;
END
$$;

CREATE FUNCTION vt_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never changed; it may forget a person', TG_TABLE_NAME;
END
$$;

GRANT UPDATE (actor_name, before, after) ON audit TO vitrine_app;
CREATE TRIGGER audit_forgets BEFORE UPDATE OF actor_name, before, after ON audit
    FOR EACH ROW WHEN (NOT (
        (NEW.actor_name = OLD.actor_name
            OR OLD.actor_kind = 'customer' AND NEW.actor_name = '')
        AND (NEW.before IS NOT DISTINCT FROM OLD.before AND NEW.after IS NOT DISTINCT FROM OLD.after
            OR OLD.object_kind IN ('customer', 'order')
               AND NEW.before IS NOT DISTINCT FROM vt_anonymous(OLD.before)
               AND NEW.after IS NOT DISTINCT FROM vt_anonymous(OLD.after))))
    EXECUTE FUNCTION vt_refuse_change();

GRANT UPDATE (note) ON order_event TO vitrine_app;
CREATE TRIGGER order_event_forgets BEFORE UPDATE OF note ON order_event
    FOR EACH ROW WHEN (NEW.note IS NOT NULL) EXECUTE FUNCTION vt_refuse_change();

GRANT UPDATE (body) ON order_note TO vitrine_app;
CREATE TRIGGER order_note_forgets BEFORE UPDATE OF body ON order_note
    FOR EACH ROW WHEN (NEW.body <> '') EXECUTE FUNCTION vt_refuse_change();

-- Which customer a mail was for, where it wasn't about an order.
ALTER TABLE mail ADD COLUMN customer_id bigint;
GRANT UPDATE (subject) ON mail TO vitrine_app;
