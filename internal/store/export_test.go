package store

import (
	"slices"
	"sync"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"
)

// Writer is the pool that writes, for tests that look below the store's methods.
func (s *Store) Writer() *gorm.DB { return s.write }

// RowColumns are the columns that rows read and write, sorted, by table.
func RowColumns() (map[string][]string, error) {
	columns := map[string][]string{}
	for _, row := range []any{
		&accountRow{}, &sealedKeysRow{}, &companyRow{}, &agreementRow{}, &tenantRow{}, &mappingRow{}, &reportRow{}, &productRow{},
		&runRow{}, &requestRow{}, &tenantRunRow{}, &changeRow{}, &managedRow{}, &logRow{}, &setupStepRow{}, &decisionRow{},
	} {
		parsed, err := schema.Parse(row, &sync.Map{}, schema.NamingStrategy{})
		if err != nil {
			return nil, err
		}
		columns[parsed.Table] = append(columns[parsed.Table], parsed.DBNames...)
	}
	for table, names := range columns {
		slices.Sort(names)
		columns[table] = slices.Compact(names)
	}
	return columns, nil
}
