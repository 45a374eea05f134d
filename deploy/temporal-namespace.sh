#!/bin/sh
# Waits for Temporal, then makes the namespace and the search attributes that Causeway's workflows carry.
set -eu

export TEMPORAL_ADDRESS=temporal:7233
namespace=default

tries=0
until temporal operator cluster health >/dev/null 2>&1; do
	tries=$((tries + 1))
	if [ "$tries" -ge 90 ]; then
		echo "Temporal does not answer at $TEMPORAL_ADDRESS" >&2
		exit 1
	fi
	sleep 2
done

# Closed workflows stay readable for a month; Causeway's own history of runs is in its database.
temporal operator namespace describe --namespace "$namespace" >/dev/null 2>&1 ||
	temporal operator namespace create --namespace "$namespace" --retention 30d

# The namespace of a first start takes a moment to be known everywhere.
tries=0
until have=$(temporal operator search-attribute list --namespace "$namespace" 2>/dev/null); do
	tries=$((tries + 1))
	if [ "$tries" -ge 30 ]; then
		echo "the namespace $namespace does not appear" >&2
		exit 1
	fi
	sleep 2
done
for name in CausewayAccount CausewayTenant CausewayRun; do
	case $have in
	*"$name"*) ;;
	*) temporal operator search-attribute create --namespace "$namespace" --name "$name" --type Keyword ;;
	esac
done
