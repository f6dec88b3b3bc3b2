# Shared by every script: strict mode, where things are, how to speak.
# shellcheck shell=bash
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck disable=SC2034  # read by the scripts that source this file
state=${VITRINE_STATE:-$root/.local}

say() {
  printf '%s\n' "$*"
}

# A line that says what takes the time; quiet work needs none.
step() {
  printf '· %s\n' "$*"
}

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# quietly COMPLAINT COMMAND…: the command's output is worth reading when it fails only.
quietly() {
  local complaint=$1 output
  shift
  output=$("$@" 2>&1 </dev/null) || { printf '%s\n' "$output" >&2 && die "$complaint"; }
}

# The help of a script is the comment at its head.
usage() {
  sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$0"
}

wrong_option() {
  die "unknown option $1 (see ${0##*/} --help)"
}
