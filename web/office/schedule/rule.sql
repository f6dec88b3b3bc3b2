-- name: office_rule_offer
SELECT offer_id FROM schedule_rule WHERE tenant_id = $1 AND rule_id = $2;
