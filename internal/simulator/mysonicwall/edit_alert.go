package mysonicwall

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// raiseAlert opens an alert; what is left out gets a likely value.
func raiseAlert(a *account, body []byte, at time.Time) (any, error) {
	n := len(a.Alerts) + 1
	in := struct {
		head
		alert
	}{alert: alert{
		AlertID: fmt.Sprintf("6a0f%020x", n), Source: "CAPTURE_CLIENT", Severity: "CRITICAL", Status: alertOpen,
		AlertType: "THREAT_NOT_MITIGATED", Message: fmt.Sprintf("Malware found on FIN-LT-%03d was not mitigated", n),
		Device:    alertDevice{DeviceID: fmt.Sprintf("00000000-0000-4000-8000-%012x", n), Name: fmt.Sprintf("FIN-LT-%03d", n)},
		CreatedAt: at, UpdatedAt: at,
	}}
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	if in.ProductGroupID == 0 {
		return nil, errors.New("productGroupID is missing")
	}
	if a.alert(in.AlertID) != nil {
		return nil, fmt.Errorf("alert %s exists", in.AlertID)
	}
	if in.ConsoleURL == "" {
		in.ConsoleURL = "https://" + consoleHost + "/threats/" + in.AlertID
	}
	al := new(in.alert)
	a.Alerts = append(a.Alerts, al)
	a.record(al, at)
	return al, nil
}

// burstAlerts raises many at once, going round the tenants unless one is named.
func burstAlerts(a *account, body []byte, at time.Time) (any, error) {
	in := struct {
		group
		Count    int    `json:"count"`
		Severity string `json:"severity"`
	}{Count: 250, Severity: "CRITICAL"}
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	if in.Count < 1 || in.Count > 10_000 {
		return nil, errors.New("count is between 1 and 10000")
	}
	if len(a.Tenants) == 0 {
		return nil, errors.New("the account has no tenants")
	}
	var first, last string
	for i := range in.Count {
		id := in.ProductGroupID
		if id == 0 {
			id = a.Tenants[i%len(a.Tenants)].ProductGroupID
		}
		one := fmt.Appendf(nil, `{"productGroupID":%d,"severity":%q}`, id, in.Severity)
		if _, err := raiseAlert(a, one, at); err != nil {
			return nil, err
		}
		last = a.Alerts[len(a.Alerts)-1].AlertID
		if first == "" {
			first = last
		}
	}
	return map[string]any{"raised": in.Count, "first": first, "last": last}, nil
}

func (a *account) alert(id string) *alert {
	for _, al := range a.Alerts {
		if strings.EqualFold(al.AlertID, id) {
			return al
		}
	}
	return nil
}

// named is an edit that names an alert. UpdatedAt may lie anywhere: the real
// feed's times are not promised to rise.
type named struct {
	head
	AlertID   string    `json:"alertId"`
	UpdatedAt time.Time `json:"updatedAt"`
}

func alertStatus(status string) operation {
	return func(a *account, body []byte, at time.Time) (any, error) {
		in := named{UpdatedAt: at}
		if err := decode(body, &in); err != nil {
			return nil, err
		}
		al := a.alert(in.AlertID)
		if al == nil {
			return nil, fmt.Errorf("no alert %q", in.AlertID)
		}
		al.Status, al.UpdatedAt, al.ClosedAt = status, in.UpdatedAt, nil
		if status == alertClosed || status == alertDeleted {
			al.ClosedAt = new(in.UpdatedAt)
		}
		a.record(al, at)
		return al, nil
	}
}

// redeliverAlert puts the alert's latest row into the feed once more under its
// old seq, as a feed that promises at least one delivery may.
func redeliverAlert(a *account, body []byte, at time.Time) (any, error) {
	var in named
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	for _, row := range slices.Backward(a.Feed) {
		if strings.EqualFold(row.Alert.AlertID, in.AlertID) {
			row.Added = at
			a.Feed = append(a.Feed, row)
			return row, nil
		}
	}
	return nil, fmt.Errorf("no alert %q in the feed", in.AlertID)
}
