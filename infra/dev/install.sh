# Installs what .ci/packages.txt names. Every verb that needs packages calls ensure_packages,
# which is one dpkg-query when nothing is missing.

help_install() {
    cat <<'TEXT'
install: install the Debian packages that are missing

usage: ./dev install

Reads .ci/packages.txt and installs with apt what is not there, as root or through sudo. The other
verbs do this by themselves. PostgreSQL's package is told not to create a cluster of its own,
unless /etc/postgresql-common/createcluster.conf already says something.
TEXT
}

verb_install() {
    ensure_packages
    say "all packages of .ci/packages.txt are installed"
}

missing_packages() {
    local wanted
    mapfile -t wanted < <(sed 's/#.*//; s/[[:space:]]//g; /^$/d' "$root/.ci/packages.txt")
    # dpkg-query fails when it does not know one of the names: that one is missing, no error.
    { dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null || true; } |
        awk -v wanted="${wanted[*]}" '
            $1 == "installed" { have[$2] = 1 }
            END {
                count = split(wanted, all, " ")
                for (i = 1; i <= count; i++) if (!have[all[i]]) print all[i]
            }'
}

ensure_packages() {
    local missing
    command -v dpkg-query >/dev/null || die "this needs Debian 12 (no dpkg-query here)"
    missing=$(missing_packages)
    [ -z "$missing" ] || with_lock /tmp/teamflow-install.lock install_packages
}

install_packages() {
    local missing conf=/etc/postgresql-common/createcluster.conf
    mapfile -t missing < <(missing_packages)
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing ${#missing[@]} packages: ${missing[*]}"
    if [ ! -e "$conf" ]; then
        as_root mkdir -p "$(dirname "$conf")"
        echo 'create_main_cluster = false' | as_root tee "$conf" >/dev/null
    fi
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600
        -o Acquire::Retries=3 -o Dpkg::Use-Pty=0)
    as_root "${apt[@]}" -qq update >&2
    as_root "${apt[@]}" -qq install -y --no-install-recommends "${missing[@]}" </dev/null >&2
    mapfile -t missing < <(missing_packages)
    [ ${#missing[@]} -eq 0 ] || die "apt did not install: ${missing[*]}"
}
