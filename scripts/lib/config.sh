# The settings a person may give scripts/run by the environment; a wrong one is refused by name.
# The program checks them again: this is so that nothing has been started by then.
# shellcheck shell=bash

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
    'expected address:port, such as 127.0.0.1:8080'
  port=${VITRINE_LISTEN-127.0.0.1:8080}
  port=$((10#${port##*:}))
  ((port >= 1 && port <= 65535)) || wrong VITRINE_LISTEN 'the port is 1 to 65535'
  matches VITRINE_HOST '[a-z0-9]([a-z0-9.-]*[a-z0-9])?' 'expected a host name in small letters'
  matches VITRINE_WORKERS '[1-9]|[1-5][0-9]|6[0-4]' 'expected a number from 1 to 64'
  matches VITRINE_HOLDS_PER_ADDRESS '[0-9]{1,6}' 'expected a number'
  for name in "$database" "${database/_URL/_PLATFORM_URL}" "${database/_URL/_OWNER_URL}"; do
    matches "$name" 'postgres(ql)?://.+|.+=.+' 'expected postgresql://user@host/database'
    [ -n "${!name-}" ] || [ -z "${!database-}" ] ||
      die "$name: missing; with $database all three addresses are needed"
    [ -z "${!name-}" ] || [ -n "${!database-}" ] ||
      die "$database: missing; with $name all three addresses are needed"
  done
  matches VITRINE_REDIS_URL 'unix:///.+|redis://[^/]+:[0-9]+' \
    'expected unix:///path/of/socket or redis://host:port'
  matches VITRINE_SANDBOX_PAY_URL 'https?://[^/]+' 'expected http://host:port'
  [ -z "${VITRINE_SANDBOX_PAY_URL-}" ] || [ -r "${VITRINE_SANDBOX_PAY_SECRET_FILE-}" ] ||
    die "VITRINE_SANDBOX_PAY_SECRET_FILE: missing, or it can't be read"
  matches VITRINE_PUBLIC_SCHEME 'https?' 'expected http or https'
  matches VITRINE_PUBLIC_PORT '[1-9][0-9]{0,4}' 'expected a port'
  for name in VITRINE_CACHE VITRINE_ACCESS_LOG; do
    matches "$name" 'on|off' 'expected on or off'
  done
  matches VITRINE_TRUSTED_PROXIES '[0-9a-fA-F.:]+( *, *[0-9a-fA-F.:]+)*' \
    'expected IP addresses, separated by commas'
  matches VITRINE_SMTP_URL 'smtp(s|\+starttls)?://.+' 'expected smtp://user:password@host:port'
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
