# Installs what a package-lock.json names, once per change of that file.
# shellcheck shell=bash

npm_need() {
  local dir=$1 stamp want
  stamp=$dir/node_modules/.vitrine-stamp
  want=$(node --version; cksum "$dir/package-lock.json" "$dir/package.json")
  [ "$(cat "$stamp" 2>/dev/null)" != "$want" ] || return 0
  step "npm ci in ${dir#"$root"/}"
  quietly "npm ci failed in $dir" npm ci --prefix "$dir" --ignore-scripts --no-audit --no-fund
  printf '%s\n' "$want" >"$stamp"
}
