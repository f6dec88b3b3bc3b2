# The checks of scripts/check. Each prints its findings and is content when it prints nothing.
# shellcheck shell=bash disable=SC2154,SC2016  # sources is the caller's; awk and node expand

# Files of the project that match, tracked or about to be.
files() {
  git ls-files -co --exclude-standard -- "$@" | while IFS= read -r file; do
    [ ! -f "$file" ] || printf '%s\n' "$file"
  done
}

check_format() {
  clang-format --dry-run "${sources[@]}" 2>&1 |
    sed -n 's/: warning: code should be clang-formatted.*/: run clang-format -i on this file/p' | sort -u -t: -k1,1
}

# base → io → data → domain → http → plug → web → main: a file includes its own layer and lower
# ones, named from the layer; a plugin sees vitrine.h and its own files. A program of a plugin's
# (plugins/NAME/simulator/) is no plugin: it may be made of the lower layers.
check_layers() {
  grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]+"' -- "${sources[@]}" /dev/null | awk -F: '
    BEGIN {
      split("base io data domain http plug web main", order, " ")
      for (i in order) rank[order[i]] = i
      program["simulator"]
    }
    {
      split($1, path, "/")
      split($3, quoted, "\"")
      target = quoted[2]
      layer = path[1] == "core" ? path[2] : path[1]
      first = target
      sub(/\/.*/, "", first)
      if (path[1] == "plugins" && !(path[3] in program) && first in rank)
        print $1 ":" $2 ": a plugin includes \"" target "\": it may see vitrine.h only"
      if (!(layer in rank) || target == "vitrine.h")
        next
      if (!(first in rank))
        print $1 ":" $2 ": \"" target "\" is not named from its layer"
      else if (rank[first] > rank[layer])
        print $1 ":" $2 ": " layer " includes \"" target "\" of the higher layer " first
    }'
}

# Files and functions that one can read in one go.
check_sizes() {
  local file lines
  files '*.c' '*.h' '*.cc' '*.lua' '*.mjs' '*.js' '*.css' '*.sh' '*.awk' '*.sql' | while IFS= read -r file; do
    lines=$(wc -l <"$file")
    [ "$lines" -le 700 ] || say "$file:700: the file has $lines lines, 700 at most: split it by use"
  done
  functions | awk -F'\t' '
    $1 == "phr_parse_request" { next } # a function of libh2o, with its signature
    $4 - $3 + 1 > 70 { print $2 ":" $3 ": " $1 " has " $4 - $3 + 1 " lines, 70 at most" }
    {
      while (gsub(/\([^()]*\)/, "", $5) && $5 != "") if ($5 !~ /\(.*\(/) break
      sub(/, *\.\.\.$/, "", $5)
      if (gsub(/,/, ",", $5) > 4) print $2 ":" $3 ": " $1 " has more than 5 parameters: pass a struct"
    }'
}

# name, file, first line, last line, parameters (without the outer brackets) and "static" or
# nothing, of every function.
functions() {
  ctags --languages=C --c-kinds=f --fields=nefS --output-format=u-ctags -f - "${sources[@]}" | awk -F'\t' '
    /^!/ { next }
    {
      line = end = signature = scope = ""
      for (i = 4; i <= NF; i++) {
        if ($i ~ /^line:/) line = substr($i, 6)
        if ($i ~ /^file:/) scope = "static"
        if ($i ~ /^end:/) end = substr($i, 5)
        if ($i ~ /^signature:/) signature = substr($i, 12, length($i) - 12)
      }
      print $1 "\t" $2 "\t" line "\t" end "\t" signature "\t" scope
    }'
}

check_headers() {
  local file first
  files '*.h' | while IFS= read -r file; do
    IFS= read -r first <"$file" || true
    [[ $first == //* || $first == /\** ]] || say "$file:1: begin with what the header is for, who owns what, which thread"
    grep -q '^#pragma once' "$file" || say "$file:1: #pragma once is missing"
  done
}

check_calls() {
  calls '"%s" is banned: use the functions of base/str.h and base/buf.h, or the injected clock and randomness' \
    'strcpy|strcat|sprintf|vsprintf|strtok|gets|atoi|atol|rand|srand|system|popen' \
    'core/*.[ch]' 'web/*.[ch]' 'plugins/*.[ch]'
  calls '"%s" has no place in this layer: allocate from the arena' \
    'malloc|calloc|realloc|strdup|strndup|asprintf' \
    'core/domain/*.[ch]' 'core/http/*.[ch]' 'web/*.[ch]'
}

# calls COMPLAINT NAMES FILES…: complains about calls, not about members, comments or longer names.
calls() {
  local complaint=$1 names=$2
  shift 2
  files "$@" | xargs -r -d '\n' awk -v names="$names" -v complaint="$complaint" '
    {
      text = $0
      sub(/\/\/.*/, "", text)
      gsub(/"([^"\\]|\\.)*"/, "", text)
      if (match(text, "(^|[^A-Za-z0-9_>.])(" names ")[ ]*\\(")) {
        name = substr(text, RSTART, RLENGTH)
        gsub(/[^a-z]/, "", name)
        printf "%s:%d: " complaint "\n", FILENAME, FNR, name
      }
    }'
}

check_marks() {
  files core web plugins scripts tests | grep -v -e '/package-lock.json$' -e '^scripts/lib/checks.sh$' |
    xargs -r -d '\n' grep -nIE '\b(TODO|FIXME|XXX|HACK)\b' /dev/null |
    sed 's/$/   (do it, or write an issue)/' || true
}

# Every language of a folder has the same keys.
check_locales() {
  files 'web/locales/*.json' 'web/*/locales/*.json' 'plugins/*/locales/*.json' 'core/*/locales/*.json' | xargs -r -d '\n' node -e '
    const fs = require("fs"), path = require("path"), folders = {};
    for (const file of process.argv.slice(1))
      (folders[path.dirname(file)] ??= {})[path.basename(file, ".json")] = JSON.parse(fs.readFileSync(file));
    for (const [folder, languages] of Object.entries(folders)) {
      const keys = new Set(["en", "fr", "es"].flatMap((l) => Object.keys(languages[l] ?? {})));
      for (const language of ["en", "fr", "es"])
        for (const key of keys)
          if (!(key in (languages[language] ?? {})))
            console.log(`${folder}/${language}.json:1: ${key} is missing`);
    }'
}

# Migrations run while workers of the version before serve. Those up to 0027, and plugins' first ones,
# were written before anybody upgraded.
check_migrations() {
  files 'core/migrations/*.sql' 'plugins/*/migrations/*.sql' |
    { grep -vE '^core/migrations/00(0[0-9]|1[0-9]|2[0-7])_|/0001_' || true; } |
    xargs -r -d '\n' node scripts/lib/migrations.mjs
}

check_shell() {
  files 'scripts/*' '.ci/*' | xargs -r -d '\n' grep -lE '^#!/bin/(ba)?sh|^# shellcheck shell=' |
    xargs -r -d '\n' shellcheck -x -P SCRIPTDIR -f gcc
}

# gcc and clang, all warnings being errors.
check_compilers() {
  local kind
  for kind in --tests --clang; do
    scripts/build "$kind" 2>&1 >/dev/null | grep -E '(error|warning): |undefined reference' || true
  done
}

# A function that nothing in the program reaches: the linker knows. Exported ones (vt_) count as
# used; static ones that only an unused one calls are left to the compilers.
check_dead_code() {
  local link
  scripts/build --clang >/dev/null 2>&1 || return 0
  link=$(ninja -C build-clang -t commands vitrine 2>/dev/null | tail -n 1) || return 0
  (cd build-clang && bash -c "${link/ -o vitrine / -o /dev/null -Wl,--gc-sections,--print-gc-sections }") 2>&1 |
    sed -n "s/.*removing unused section '\.text\.\([a-z0-9_]*\)' in file 'CMakeFiles\/[^/]*\/\(.*\)\.o'/\1\t\2/p" |
    awk -F'\t' '
      NR == FNR { unused[$1, $2]; next }
      ($1, $2) in unused && $6 != "static" {
        print $1 "\t" $2 ":" $3 ": " $1 " is not used outside its file, if at all: make it static, or remove it"
      }' - <(functions) |
    while IFS=$'\t' read -r name finding; do
      # What another file names, a test for one, is somebody's.
      [ "$(grep -rlw --include='*.c' "$name" core web plugins tests | wc -l)" -gt 1 ] || say "$finding"
    done
}
