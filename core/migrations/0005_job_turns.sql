-- Jobs and tries across sites: who waits, for serving sites in turn; what has ended, for showing
-- failures and for removal. A job that was picked up is due again (run_at) when its lease ends.

CREATE INDEX job_turn ON job (tenant_id, run_at) WHERE state = 'waiting';
CREATE INDEX job_done ON job (finished_at) WHERE state = 'done';
CREATE INDEX job_failed ON job (finished_at) WHERE state = 'failed';

CREATE INDEX attempt_ended ON attempt (window_ends_at);
DROP INDEX attempt_ends;
