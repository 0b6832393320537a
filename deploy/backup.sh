#!/usr/bin/env bash
# Usage: DATABASE_URL=… deploy/backup.sh FOLDER
# Writes FOLDER/eighthours-<UTC time>.dump, a consistent snapshot taken while the service runs, and
# its SHA-256 beside it. Views are left out: they are rebuilt. The master key is kept elsewhere.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/programs.sh"
folder=${1:?name the folder the backup goes to}
umask 077
file=$folder/eighthours-$(date -u +%Y%m%dT%H%M%SZ).dump
# Under another name until it is whole, so that what has the name is a backup.
pg_dump --dbname "$DATABASE_URL" --format custom --exclude-schema views --file "$file.part"
mv "$file.part" "$file"
(cd "$folder" && sha256sum "$(basename "$file")" > "$(basename "$file").sha256")
echo "$file"
