#!/bin/sh
# Brings Temporal's two databases to the schema of this image's version. Does nothing where they are there already, so it
# runs before every start.
set -eu

SQL_PASSWORD=$(cat /run/secrets/temporal_password)
export SQL_PASSWORD

for pair in temporal:temporal temporal_visibility:visibility; do
	set -- --plugin postgres12 --endpoint postgres --port 5432 --user temporal --database "${pair%%:*}"
	temporal-sql-tool "$@" setup-schema --version 0.0
	temporal-sql-tool "$@" update-schema --schema-name "postgresql/v12/${pair##*:}"
done
