# The settings a person may give scripts/run by the environment; a wrong one is refused by name.
# The program checks them again, in the same words: this is so that nothing has been started by then.
# shellcheck shell=bash disable=SC2154  # state is of common.sh

wrong() {
  die "$1=${!1}: $2"
}

# matches NAME PATTERN WHAT: a value, if there is one, looks right.
matches() {
  [ -z "${!1-}" ] || [[ ${!1} =~ ^($2)$ ]] || wrong "$1" "$3"
}

config_check() {
  local database=VITRINE_DATABASE_URL name port
  matches VITRINE_LISTEN '([0-9]{1,3}(\.[0-9]{1,3}){3}|\[[0-9a-fA-F:]+\]):[0-9]{1,5}' \
    'write an IP address and a port, such as 127.0.0.1:8080'
  port=${VITRINE_LISTEN-127.0.0.1:8080}
  port=$((10#${port##*:}))
  ((port >= 1 && port <= 65535)) || wrong VITRINE_LISTEN 'write an IP address and a port, such as 127.0.0.1:8080'
  matches VITRINE_HOST '[a-z0-9]([a-z0-9.-]*[a-z0-9])?' 'write a host name without scheme and port'
  matches VITRINE_WORKERS '[1-9]|[1-5][0-9]|6[0-4]' 'write a number from 1 to 64'
  matches VITRINE_HOLDS_PER_ADDRESS '[0-9]{1,6}' 'write a number, or 0 for no limit'
  matches VITRINE_WEBHOOKS_TO_SELF 'on|off' 'write on or off'
  for name in "$database" "${database/_URL/_PLATFORM_URL}" "${database/_URL/_OWNER_URL}"; do
    matches "$name" 'postgres(ql)?://.+|.+=.+' 'write postgresql://user@host/name, or host=… dbname=… user=…'
    [ -n "${!name-}" ] || [ -z "${!database-}" ] ||
      die "$name: missing; with $database all three addresses are needed"
    [ -z "${!name-}" ] || [ -n "${!database-}" ] ||
      die "$database: missing; with $name all three addresses are needed"
  done
  matches VITRINE_REDIS_URL 'unix:///.+|redis://[^/]+:[0-9]+' \
    'write redis://host:port or unix:///path/of/socket'
  matches VITRINE_SANDBOX_PAY_URL 'https?://[^/]+' 'write http://host:port'
  [ -z "${VITRINE_SANDBOX_PAY_URL-}" ] || [ -r "${VITRINE_SANDBOX_PAY_SECRET_FILE-}" ] ||
    die "VITRINE_SANDBOX_PAY_SECRET_FILE: missing, or it can't be read"
  matches VITRINE_PUBLIC_SCHEME 'https?' 'write http or https'
  matches VITRINE_PUBLIC_PORT '[1-9][0-9]{0,4}' 'write a port number'
  for name in VITRINE_CACHE VITRINE_ACCESS_LOG; do
    matches "$name" 'on|off' 'write on or off'
  done
  matches VITRINE_TRUSTED_PROXIES '[0-9a-fA-F.:]+( *, *[0-9a-fA-F.:]+)*' \
    'write IP addresses, separated by commas'
  matches VITRINE_TEXT_URL 'https?://.+' 'write https://user:password@host/path of the gateway'
  matches VITRINE_SMTP_URL 'smtp(s|\+starttls)?://.+' 'write smtp://user:password@host:port or smtps://…'
}

# The servers that somebody else runs have to answer.
config_reach() {
  local name
  if [ -n "${VITRINE_DATABASE_URL-}" ]; then
    for name in VITRINE_DATABASE_URL VITRINE_DATABASE_PLATFORM_URL VITRINE_DATABASE_OWNER_URL; do
      PGCONNECT_TIMEOUT=5 psql -Xqwc 'SELECT 1' "${!name}" >/dev/null || die "$name: no connection"
    done
  fi
  case ${VITRINE_REDIS_URL-} in
  unix://*) redis_answers -s "${VITRINE_REDIS_URL#unix://}" ;;
  redis://*) redis_answers -u "$VITRINE_REDIS_URL" ;;
  esac
}

redis_answers() {
  [ "$(timeout 5 redis-cli "$@" ping 2>/dev/null)" = PONG ] || die 'VITRINE_REDIS_URL: no answer'
}

# Where this machine reaches the server: a wildcard address is reached by loopback.
listen_local() {
  case $VITRINE_LISTEN in
  0.0.0.0:*) echo "127.0.0.1:${VITRINE_LISTEN##*:}" ;;
  '[::]':*) echo "[::1]:${VITRINE_LISTEN##*:}" ;;
  *) echo "$VITRINE_LISTEN" ;;
  esac
}

# What the server was last started with, for commands that come later and say nothing else.
config_remember() {
  printf '%s\n' "VITRINE_LISTEN=$VITRINE_LISTEN" "VITRINE_HOST=$VITRINE_HOST" >"$state/run.env"
}

config_recall() {
  local line
  [ -r "$state/run.env" ] || return 0
  while IFS= read -r line; do
    [ -n "$(printenv "${line%%=*}")" ] || export "${line?}"
  done <"$state/run.env"
}
