-- Who no longer works for the platform is removed, with sessions and recovery codes.
GRANT DELETE ON operator TO vitrine_platform;
