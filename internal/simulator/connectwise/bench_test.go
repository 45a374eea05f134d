package connectwise

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkAddition measures creating and listing lines without a network, with the journal on disk.
func BenchmarkAddition(b *testing.B) {
	s, err := New(Options{
		Seed: 1, Tenants: 50, Now: func() time.Time { return noon }, Company: "c", PublicKey: "p", PrivateKey: "k", RatePerMinute: -1,
		StateFile: filepath.Join(b.TempDir(), "state.json"),
	})
	if err != nil {
		b.Fatal(err)
	}
	call := func(method, path, body string) int {
		r := httptest.NewRequest(method, "/v4_6_release/apis/3.0/"+path, strings.NewReader(body))
		r.SetBasicAuth("c+p", "k")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code
	}
	for i := 0; b.Loop(); i++ {
		path := fmt.Sprintf("finance/agreements/%d/additions", 108+8*(i%3))
		body := fmt.Sprintf(`{"product":{"identifier":"M365-BP"},"billCustomer":"Billable","quantity":2,"effectiveDate":"2030-01-01T00:00:00Z","serialNumber":"S%d"}`, i)
		if got := call(http.MethodPost, path, body); got != http.StatusCreated {
			b.Fatal(got)
		}
		if got := call(http.MethodGet, path+"?pageSize=25&orderBy=id", ""); got != http.StatusOK {
			b.Fatal(got)
		}
	}
}
