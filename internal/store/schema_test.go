package store

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm/schema"
)

// TestRowsMatchSchema compares the migrated SQLite schema with what the rows read and write, column by column. That Postgres
// has the same columns is seen by storetest, which touches every one.
func TestRowsMatchSchema(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, err := Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "causeway.db"), Options{})
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Migrate(ctx))

	columns := map[string][]string{}
	for _, row := range []any{
		&accountRow{}, &sealedKeysRow{}, &companyRow{}, &agreementRow{}, &tenantRow{}, &mappingRow{}, &reportRow{}, &productRow{},
		&runRow{}, &requestRow{}, &tenantRunRow{}, &changeRow{}, &managedRow{}, &logRow{}, &setupStepRow{},
	} {
		parsed, err := schema.Parse(row, &sync.Map{}, s.write.NamingStrategy)
		require.NoError(t, err)
		columns[parsed.Table] = append(columns[parsed.Table], parsed.DBNames...)
	}
	var tables []string
	require.NoError(t, s.read.Raw(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%'`).
		Scan(&tables).Error)
	assert.Len(t, tables, len(columns), "every table has its row")
	for _, table := range tables {
		var found []string
		require.NoError(t, s.read.Raw(`SELECT name FROM pragma_table_info(?)`, table).Scan(&found).Error)
		want := columns[table]
		slices.Sort(want)
		slices.Sort(found)
		assert.Equal(t, slices.Compact(want), found, "columns of %s", table)
	}
}
