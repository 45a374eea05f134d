package views

import "causeway/views/components"

// AddAccountPage is the form for a new account. Its fields are sent as name and
// msw_api_key; what was typed stays after an error, the key excepted.
type AddAccountPage struct {
	Name      string
	NameError string
	KeyError  string
	Added     *AccountAdded // after the key was accepted
}

// AccountAdded is what MySonicWall said about a key it accepted.
type AccountAdded struct {
	Account string
	Tenants int
	Zone    string
}

func (p AddAccountPage) errors() []fieldError {
	return collectErrors(
		fieldError{"name", "Name", p.NameError},
		fieldError{"msw_api_key", "MySonicWall API key", p.KeyError},
	)
}

func (p AddAccountPage) nameField() components.Field {
	return components.Field{
		ID: "name", Label: "Name", Value: p.Name, Error: p.NameError, Required: true, Autocomplete: "off",
		Help: "Lower case, digits, dashes. It appears in addresses and cannot change.",
	}
}

func (p AddAccountPage) keyField() components.Field {
	return components.Field{
		ID: "msw_api_key", Label: "MySonicWall API key", Error: p.KeyError, Required: true,
		Type: "password", Autocomplete: "off", Mono: true,
		Help: "Checked now. Stored sealed, never shown again.",
	}
}
