#!/usr/bin/env bash
# Usage: DATABASE_URL=… deploy/restore-drill.sh FILE
# Restores a backup into a scratch database on the same server, checks it, rebuilds every view from
# it and drops it again. The live database is only read. MASTER_KEY or MASTER_KEY_FILE must be set,
# or DATA_DIR hold the key: a restore that cannot open names is none.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/programs.sh"
file=${1:?name the backup}
(cd "$(dirname "$file")" && sha256sum --check --quiet "$(basename "$file").sha256")
scratch=drill_$(date -u +%Y%m%d%H%M%S)_$$
other=$("$python" -c 'import sys, urllib.parse as u
parts = u.urlsplit(sys.argv[1])
query = f"?{parts.query}" if parts.query else ""
print(f"{parts.scheme}://{parts.netloc}/{sys.argv[2]}{query}")' "$DATABASE_URL" "$scratch")
ask() { psql --dbname "$1" --no-psqlrc --quiet --tuples-only --no-align --command "$2"; }
ask "$DATABASE_URL" "CREATE DATABASE $scratch" > /dev/null
trap 'ask "$DATABASE_URL" "DROP DATABASE $scratch WITH (FORCE)" > /dev/null' EXIT
pg_restore --dbname "$other" --exit-on-error --single-transaction "$file"
role=$(ask "$other" "SELECT quote_ident(role) FROM log.application")
ask "$other" "CREATE SCHEMA IF NOT EXISTS views AUTHORIZATION $role" > /dev/null
read -r events head <<< "$(ask "$other" "SELECT count(*) || ' ' || coalesce(max(position), 0) FROM log.events")"
[ "$events" = "$head" ] || { echo "positions have holes: $events events, head $head" >&2; exit 1; }
DATABASE_URL=$other "$python" -m service rebuild all > /dev/null
# The backup may be older than the destruction of keys that are still in it.
read -r erased back <<< "$(ask "$other" "SELECT count(DISTINCT e.tags) || ' ' || count(k.wrapped)
    FROM log.events e LEFT JOIN keys.member_keys k ON 'member:' || k.member_id = ANY (e.tags)
    WHERE e.type = 'SubjectErased'")"
[ "$back" = 0 ] || { echo "$back destroyed keys have come back" >&2; exit 1; }
echo "restored $events events, head $head; all views rebuilt; $erased erased members stay erased"
