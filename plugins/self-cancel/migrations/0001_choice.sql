-- Which offers customers may cancel; those without a row follow the setting.
CREATE TABLE choice (
    tenant_id bigint NOT NULL REFERENCES public.site ON DELETE CASCADE,
    offer_id bigint NOT NULL,
    allowed boolean NOT NULL,
    PRIMARY KEY (tenant_id, offer_id),
    FOREIGN KEY (tenant_id, offer_id) REFERENCES public.offer ON DELETE CASCADE
);
SELECT vt_tenant_table('choice');
