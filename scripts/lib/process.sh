# Processes that outlive a script, known by a file with their id and start time, so that a
# number which the kernel gave to somebody else meanwhile is never signalled.
# shellcheck shell=bash

# Clock ticks after boot at which a process started; nothing for one that is gone or a zombie.
process_started() {
  local stat fields
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 0
  read -ra fields <<<"${stat##*) }"
  [ "${fields[0]}" = Z ] || printf '%s' "${fields[19]}"
}

process_save() {
  printf '%s %s\n' "$2" "$(process_started "$2")" >"$1"
}

process_alive() {
  local pid started
  read -r pid started 2>/dev/null <"$1" || return 1
  [ -n "$started" ] && [ "$(process_started "$pid")" = "$started" ]
}

# process_stop FILE SECONDS SIGNAL…: each signal in turn until the process has gone.
process_stop() {
  local file=$1 tries=$(($2 * 20)) pid signal i
  shift 2
  for signal; do
    process_alive "$file" || break
    read -r pid _ <"$file"
    kill -s "$signal" "$pid" || die "process $pid ($file) belongs to another user"
    for ((i = 0; i < tries; i++)); do
      process_alive "$file" || break
      sleep 0.05
    done
  done
  rm -f "$file"
}
