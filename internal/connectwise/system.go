package connectwise

import (
	"context"
	"net/http"
)

// SystemInfo describes the server.
type SystemInfo struct {
	Version        string `json:"version"`
	IsCloud        bool   `json:"isCloud"`
	ServerTimeZone string `json:"serverTimeZone"`
	CloudRegion    string `json:"cloudRegion"`
}

// SystemService is the server itself.
type SystemService struct{ c *Client }

// Info reads the server's description. Some servers answer it without valid keys: it proves that there is a ConnectWise
// server, not that one may use it. GET system/info.
func (s *SystemService) Info(ctx context.Context) (SystemInfo, error) {
	info, _, err := fetch[SystemInfo](ctx, s.c, request{method: http.MethodGet, path: "system/info"})
	return info, err
}

// Member is a person, or an integration, that signs in.
type Member struct {
	ID           int    `json:"id"`
	Identifier   string `json:"identifier"`
	FirstName    string `json:"firstName"`
	LastName     string `json:"lastName"`
	InactiveFlag bool   `json:"inactiveFlag"`
}

func (m Member) recordID() int { return m.ID }

// MembersService lists members. Its Probe is the test of the keys: it answers only to a valid sign-in.
type MembersService struct{ Collection[Member] }

// Document is a file or link attached to a record.
type Document struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
}

func (d Document) recordID() int { return d.ID }

// DocumentsService is what is attached to records; Probe tells whether the API member may read it.
type DocumentsService struct{ Collection[Document] }
