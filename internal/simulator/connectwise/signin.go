package connectwise

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// splitAPI cuts a path of the API into its code base and what is below /apis/3.0/. A doubled base stays in below.
func splitAPI(path string) (codebase, below string, ok bool) {
	codebase, rest, _ := strings.Cut(strings.TrimLeft(path, "/"), "/")
	rest = strings.TrimLeft(rest, "/")
	if !strings.HasPrefix(strings.ToLower(rest+"/"), "apis/3.0/") || codebase == "" {
		return codebase, "", false
	}
	return codebase, strings.Trim(rest[len("apis/3.0"):], "/"), true
}

// belowBase is the path as fault rules and the request log name it.
func belowBase(path string) string {
	if _, below, ok := splitAPI(path); ok {
		return below
	}
	return strings.Trim(path, "/")
}

// callerName is company and public key, never the private one.
func callerName(r *http.Request) string {
	user, _, ok := r.BasicAuth()
	if !ok {
		return ""
	}
	return user
}

// companyInfo answers the look-up that needs no sign-in.
func (s *Server) companyInfo(w http.ResponseWriter, r *http.Request) {
	set := s.settings.Get()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	company := strings.Trim(r.URL.Path, "/")
	company = company[strings.LastIndex(company, "/")+1:]
	if !strings.EqualFold(company, s.opts.Company) {
		_, _ = w.Write([]byte("null"))
		return
	}
	version := strings.ReplaceAll(set.Codebase, "_", ".")
	b := append([]byte(nil), `{"CompanyName":`...)
	b = appendText(b, s.opts.Company)
	b = append(b, `,"Codebase":`...)
	b = appendText(b, set.Codebase+"/")
	b = append(b, `,"VersionCode":`...)
	b = appendText(b, version)
	b = append(b, `,"VersionNumber":`...)
	b = appendText(b, "v4.6."+strings.TrimPrefix(version, "v"))
	b = append(b, `,"CompanyID":`...)
	b = appendText(b, s.opts.Company)
	b = append(b, `,"IsCloud":`...)
	if set.Cloud {
		b = append(b, "true}"...)
	} else {
		b = append(b, "false}"...)
	}
	_, _ = w.Write(b)
}

// signIn checks the caller as the vendor does: company, keys, then the integrator's clientId.
func (c *call) signIn() *apiError {
	if c.set.RequireTLS && !c.secure() {
		return &apiError{status: http.StatusForbidden, code: "Security", message: "SSL is required.", nulls: true}
	}
	if c.path == "system/info" && c.set.OpenSystemInfo {
		return nil
	}
	company, public, private, ok := credentials(c.request)
	switch {
	case !ok:
		return refuse(http.StatusUnauthorized, "Unauthorized", "Authorization has been denied for this request.")
	case company != c.server.opts.Company && c.set.WrongCompanyStatus == http.StatusUnauthorized:
		return refuse(http.StatusUnauthorized, "ConnectWiseApi", "UserNotAuthenticated")
	case company != c.server.opts.Company:
		return refuse(http.StatusNotFound, "NotFound", "Company %s not found", company)
	case c.set.KeysRevoked || public != c.server.opts.PublicKey || private != c.server.privateKey(c.set):
		return refuse(http.StatusUnauthorized, "Unauthorized", "Incorrect public/private key")
	}
	return c.checkClientID()
}

func (c *call) checkClientID() *apiError {
	wanted := c.server.opts.ClientID
	if wanted == "" || strings.EqualFold(c.request.Header.Get("clientId"), wanted) {
		return nil
	}
	text := "The clientId header is missing or is not a registered clientId."
	switch c.set.MissingClientIDStatus {
	case http.StatusForbidden:
		return refuse(http.StatusForbidden, "Security", "%s", text)
	case http.StatusBadRequest:
		return refuse(http.StatusBadRequest, "ConnectWiseApi", "%s", text)
	default:
		return refuse(http.StatusUnauthorized, "Unauthorized", "%s", text)
	}
}

// credentials reads Basic company+publicKey:privateKey.
func credentials(r *http.Request) (company, public, private string, ok bool) {
	text, isBasic := strings.CutPrefix(r.Header.Get("Authorization"), "Basic ")
	if !isBasic {
		return "", "", "", false
	}
	plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return "", "", "", false
	}
	user, private, found := strings.Cut(string(plain), ":")
	company, public, joined := strings.Cut(user, "+")
	return company, public, private, found && joined
}

// privateKey is the key the server was started with, or the one that replaced it.
func (s *Server) privateKey(set Settings) string {
	if set.PrivateKey != "" {
		return string(set.PrivateKey)
	}
	return s.opts.PrivateKey
}

// systemInfo is the answer most clients test their connection with.
func systemInfo(c *call) *apiError {
	b := append([]byte(nil), `{"version":`...)
	b = appendText(b, "v"+c.set.APIVersion+".12345")
	b = append(b, `,"isCloud":`...)
	if c.set.Cloud {
		b = append(b, "true"...)
	} else {
		b = append(b, "false"...)
	}
	b = append(b, `,"serverTimeZone":`...)
	b = appendText(b, c.set.TimeZone)
	b = append(b, `,"licenseBits":[{"name":"finance","activeFlag":true},{"name":"procurement","activeFlag":true},`+
		`{"name":"service","activeFlag":true}],"cloudRegion":"NA","maxWorkFlowRecordsAllowed":1000}`...)
	c.write(http.StatusOK, b)
	return nil
}
