# The Debian packages that Vitrine needs, and their installation.
# shellcheck shell=bash

packages_run=(
  ca-certificates curl gcc g++ cmake ninja-build pkg-config
  libh2o-evloop-dev libwslay-dev libssl-dev zlib1g-dev libpq-dev libhiredis-dev liblua5.4-dev
  libsodium-dev libmbedtls-dev libboost-context1.74-dev libcurl4-openssl-dev libjansson-dev
  libicu-dev libcairo2-dev libpango1.0-dev libqrencode-dev libical-dev libcmark-dev
  libjpeg62-turbo-dev libpng-dev libwebp-dev libxlsxwriter-dev libphonenumber-dev
  libfido2-dev libcbor-dev libcsv-dev
  fonts-noto-core fonts-noto-cjk
  postgresql-15 redis-server
)
packages_test=(
  libcmocka-dev clang libclang-rt-14-dev clang-format universal-ctags shellcheck git
  chromium default-jre-headless nginx-light poppler-utils qpdf zbar-tools nghttp2-client wrk
)

# Names those of its arguments that are not installed.
packages_missing() {
  comm -13 <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
    sed -n 's/ installed$//p' | sort) <(printf '%s\n' "$@" | sort)
}

# shellcheck disable=SC2016  # for the other shell to expand
# Runs as root. Nothing that comes with a package may start by itself, now or at the next boot:
# no default cluster, no service on a port that somebody else may want.
packages_install_script='
set -eu
policy=/usr/sbin/policy-rc.d
cluster=/etc/postgresql-common/createcluster.d/vitrine.conf
trap "rm -f \"$cluster\" \${own_policy:-}" EXIT
if [ ! -e "$policy" ]; then
  own_policy=$policy
  printf "#!/bin/sh\nexit 101\n" >"$policy"
  chmod 755 "$policy"
fi
mkdir -p "${cluster%/*}"
echo "create_main_cluster = false" >"$cluster"
export DEBIAN_FRONTEND=noninteractive
apt-get -qq -o DPkg::Lock::Timeout=300 update
apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install --no-install-recommends -y "$@"
for service in redis-server nginx; do
  case " $* " in *" $service"[\ -]*) systemctl --quiet disable "$service" 2>/dev/null || true ;; esac
done
'

# Installs what is missing of the packages named, asking for root's rights only then.
packages_need() {
  if ! command -v dpkg-query >/dev/null; then
    say "This is no Debian: install the equivalents of these packages yourself: $*"
    return
  fi
  local missing as_root=()
  mapfile -t missing < <(packages_missing "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$EUID" != 0 ]; then
    command -v sudo >/dev/null ||
      die "packages are missing and sudo is not there; as root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  step "installing Debian packages: ${missing[*]}"
  quietly 'the packages could not be installed' \
    "${as_root[@]}" bash -c "$packages_install_script" packages "${missing[@]}"
}

# Node may come from anywhere; Debian's is taken where there is none.
packages_node() {
  command -v node >/dev/null || echo nodejs
  command -v npm >/dev/null || echo npm
}

packages_for_run() {
  # shellcheck disable=SC2046  # words on purpose
  packages_need "${packages_run[@]}" $(packages_node)
}

packages_for_test() {
  # shellcheck disable=SC2046  # words on purpose
  packages_need "${packages_run[@]}" "${packages_test[@]}" $(packages_node)
}
