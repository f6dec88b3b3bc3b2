# The suites of scripts/test. Each prints its output and leaves `passed failed skipped` in
# $out/NAME.count; a suite without files is not there.
# shellcheck shell=bash disable=SC2154,SC2016  # out, filter, fuzz_seconds and root are the caller's

suite_files() {
  case $1 in
  check) compgen -G 'scripts/check' ;;
  unit | asan-unit) compgen -G "tests/unit/*${filter}*_test.c" ;;
  flow) compgen -G "tests/lib/*${filter}*.test.mjs" || true && compgen -G "tests/flow/*${filter}*.test.mjs" ;;
  plugins) compgen -G "plugins/*/tests/*.test.mjs" | grep -F -- "$filter" ;;
  fuzz) compgen -G "tests/fuzz/*${filter}*_fuzz.c" ;;
  asan-flow) suite_files flow ;;
  *) compgen -G "tests/$1/*${filter}*.test.mjs" ;;
  esac
}

suite_exists() {
  [ -n "$(suite_files "$1")" ]
}

# What the sanitizers do: stop at the first finding, and know libh2o's per-thread caches.
sanitized() {
  ASAN_OPTIONS=detect_stack_use_after_return=1:abort_on_error=0:exitcode=99 \
    UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 \
    LSAN_OPTIONS=suppressions=$root/tests/lib/lsan.supp:print_suppressions=0 "$@"
}

suite_check() {
  scripts/check --count "$out/check.count"
}

suite_unit() {
  unit_tests build-test unit
}

suite_asan_unit() {
  scripts/build --sanitize || return
  sanitized unit_tests build-asan asan-unit
}

# A fresh database for the unit tests that need one, its addresses in the environment.
unit_database() {
  local socket=$VITRINE_TEST_CLUSTER/run name=unit_$1
  psql -Xqh "$socket" -U postgres -c "CREATE DATABASE $name TEMPLATE vitrine" postgres || return
  export VITRINE_TEST_DATABASE_URL="host='$socket' user=vitrine_app dbname=$name"
  export VITRINE_TEST_PLATFORM_URL="host='$socket' user=vitrine_platform dbname=$name"
}

# cmocka speaks TAP; a program that dies without a word counts as one failure.
unit_tests() {
  local dir=$1 name=$2 tap=$out/$2.tap
  unit_database "${name//-/_}" || return
  CMOCKA_MESSAGE_OUTPUT=TAP ctest --test-dir "$dir" -L unit -R "${filter:-.}" --verbose \
    --timeout 120 -j "$(nproc)" >"$tap" 2>&1 || true
  cat "$tap"
  awk -v count="$out/$name.count" '
    / # SKIP / { skipped++; next }
    /^[0-9]+: ok [0-9]+/ { passed++ }
    /^[0-9]+: not ok [0-9]+/ { failed++ }
    / tests failed out of / { dead = $4 }
    END {
      if (passed + failed + skipped + dead == 0) dead = 1
      print passed + 0, (failed ? failed : dead + 0), skipped + 0 >count
    }' "$tap"
}

suite_plugins() { node_tests plugins 2; }
suite_flow() { node_tests flow 3; }
suite_browser() { node_tests browser 2; }
suite_load() { node_tests load 1; }
suite_fault() { node_tests fault 1; }

suite_asan_flow() {
  scripts/build --sanitize || return
  VITRINE_BUILD=$root/build-asan sanitized node_tests asan-flow 3
}

node_tests() {
  local name=$1 parallel=$2 files
  mapfile -t files < <(suite_files "$name")
  node tests/lib/run.mjs --count "$out/$name.count" --parallel "$parallel" "${files[@]}"
}

# Every target gets an equal share of the time, two run at once; a finding is kept beside the log.
suite_fuzz() {
  scripts/build --fuzz || return
  local targets target seconds p=0 f=0
  mapfile -t targets < <(suite_files fuzz)
  seconds=$((fuzz_seconds / ((${#targets[@]} + 1) / 2)))
  for target in "${targets[@]}"; do
    target=$(basename "$target" .c)
    printf '%s\n' "$target"
  done | sanitized xargs -P 2 -I{} bash -c '
    mkdir -p "$1/fuzz/{}" && corpus=tests/fuzz/corpus/{} && [ -d "$corpus" ] || corpus=
    "build-fuzz/{}" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
      -artifact_prefix="$1/fuzz/{}-" "$1/fuzz/{}" $corpus >"$1/fuzz/{}.log" 2>&1
    echo $? >"$1/fuzz/{}.rc"' fuzz "$out" "$seconds"
  for target in "${targets[@]}"; do
    target=$(basename "$target" .c)
    if [ "$(cat "$out/fuzz/$target.rc")" = 0 ]; then
      p=$((p + 1))
      say "$target: $(grep -o 'stat::number_of_executed_units: .*' "$out/fuzz/$target.log")"
    else
      f=$((f + 1))
      tail -n 40 "$out/fuzz/$target.log"
    fi
  done
  echo "$p $f 0" >"$out/fuzz.count"
}
