-- The console finds the sites whose mails were refused; which mails they were stays the site's.
CREATE POLICY platform ON mail TO vitrine_platform USING (true);
GRANT SELECT (tenant_id, state, at) ON mail TO vitrine_platform;
