#!/bin/bash
# Run once by the postgres image, on an empty data folder: a role and databases of their own for Causeway and Temporal, so
# that neither can read the other's.
set -euo pipefail

temporal_password=$(</run/secrets/temporal_password)
causeway_password=$(cut -d: -f5 /run/secrets/causeway_pgpass)

psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" \
	--set temporal="$temporal_password" --set causeway="$causeway_password" <<-'SQL'
	CREATE ROLE temporal LOGIN PASSWORD :'temporal';
	CREATE ROLE causeway LOGIN PASSWORD :'causeway';
	CREATE DATABASE temporal OWNER temporal;
	CREATE DATABASE temporal_visibility OWNER temporal;
	CREATE DATABASE causeway OWNER causeway;
	REVOKE ALL ON DATABASE temporal, temporal_visibility, causeway FROM PUBLIC;
SQL
