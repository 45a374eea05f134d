package connectwise

import (
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// Client calls one ConnectWise company with one API member's keys. It is safe for concurrent use; make one per login and
// keep it.
type Client struct {
	System          *SystemService
	Members         *MembersService
	Companies       *CompaniesService
	CompanyStatuses *CompanyStatusesService
	Agreements      *AgreementsService
	AgreementTypes  *AgreementTypesService
	BillingCycles   *BillingCyclesService
	Additions       *AdditionsService

	AgreementConfigurations *AgreementConfigurationsService

	Catalog       *CatalogService
	ProductTypes  *ProductTypesService
	Categories    *CategoriesService
	Subcategories *SubcategoriesService

	Configurations        *ConfigurationsService
	ConfigurationTypes    *ConfigurationTypesService
	TypeQuestions         *TypeQuestionsService
	ConfigurationStatuses *ConfigurationStatusesService

	Boards        *BoardsService
	BoardStatuses *BoardStatusesService
	Priorities    *PrioritiesService
	Tickets       *TicketsService
	Documents     *DocumentsService

	http              *http.Client
	limiter           *Limiter
	onCall            func(Call)
	scheme            string
	host              string
	company           string
	userAgent         string
	timeout           time.Duration
	maxBody           int64
	throttledReads    int
	defaultRetryAfter time.Duration
	codebase          *codebase
	habits            *linkHabits

	// The keys are held by functions only: fmt prints unexported fields without asking their String methods.
	sign  func(http.Header)
	scrub func(string) string
}

// New checks the configuration, reporting every mistake at once, and returns a client. It does not touch the network.
func New(cfg Config) (*Client, error) {
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("connectwise: %w", err)
	}
	host, err := APIHost(cfg.Host)
	if err != nil {
		return nil, fmt.Errorf("connectwise: %w", err)
	}
	token := base64.StdEncoding.EncodeToString([]byte(cfg.Company + "+" + string(cfg.PublicKey) + ":" + string(cfg.PrivateKey)))
	c := &Client{
		http:              newHTTPClient(cfg.HTTPClient),
		limiter:           cfg.Limiter,
		onCall:            cfg.OnCall,
		scheme:            "https",
		host:              host,
		company:           cfg.Company,
		userAgent:         orDefault(cfg.UserAgent, DefaultUserAgent),
		timeout:           orDefault(cfg.Timeout, DefaultTimeout),
		maxBody:           orDefault(cfg.MaxBody, DefaultMaxBody),
		throttledReads:    DefaultMaxThrottledReads,
		defaultRetryAfter: orDefault(cfg.DefaultRetryAfter, DefaultRetryAfter),
		codebase:          newCodebase(),
		habits:            newLinkHabits(),
		sign:              signer(token, string(cfg.ClientID)),
		scrub:             scrubber(token, string(cfg.PrivateKey), string(cfg.PublicKey), string(cfg.ClientID)),
	}
	if cfg.AllowPlainHTTP {
		c.scheme = "http"
	}
	if cfg.MaxThrottledReads != nil {
		c.throttledReads = max(*cfg.MaxThrottledReads, 0)
	}
	if c.limiter == nil {
		c.limiter = NewLimiter(DefaultLimits())
	}
	c.bindServices()
	return c, nil
}

func (c *Client) bindServices() {
	c.System = &SystemService{c}
	c.Members = &MembersService{newCollection[Member](c, "system/members")}
	c.Companies = &CompaniesService{newCollection[Company](c, "company/companies")}
	c.CompanyStatuses = &CompanyStatusesService{newCollection[CompanyStatus](c, "company/companies/statuses")}
	c.Agreements = &AgreementsService{newCollection[Agreement](c, "finance/agreements")}
	c.AgreementTypes = &AgreementTypesService{newCollection[AgreementType](c, "finance/agreements/types")}
	c.BillingCycles = &BillingCyclesService{newCollection[BillingCycle](c, "finance/billingCycles")}
	c.Additions = &AdditionsService{c}
	c.AgreementConfigurations = &AgreementConfigurationsService{c}
	c.Catalog = &CatalogService{newCollection[CatalogItem](c, "procurement/catalog")}
	c.ProductTypes = &ProductTypesService{newCollection[ProductType](c, "procurement/types")}
	c.Categories = &CategoriesService{newCollection[Category](c, "procurement/categories")}
	c.Subcategories = &SubcategoriesService{newCollection[Subcategory](c, "procurement/subcategories/")}
	c.Configurations = &ConfigurationsService{newCollection[Configuration](c, "company/configurations")}
	c.ConfigurationTypes = &ConfigurationTypesService{newCollection[ConfigurationType](c, "company/configurations/types")}
	c.TypeQuestions = &TypeQuestionsService{c}
	c.ConfigurationStatuses = &ConfigurationStatusesService{newCollection[ConfigurationStatus](c, "company/configurations/statuses")}
	c.Boards = &BoardsService{newCollection[Board](c, "service/boards")}
	c.BoardStatuses = &BoardStatusesService{c}
	c.Priorities = &PrioritiesService{newCollection[Priority](c, "service/priorities")}
	c.Tickets = &TicketsService{newCollection[Ticket](c, "service/tickets")}
	c.Documents = &DocumentsService{newCollection[Document](c, "system/documents")}
}

// Host returns the API host, as mapped from the configuration.
func (c *Client) Host() string { return c.host }

// Company returns the short name of the company at sign-in.
func (c *Client) Company() string { return c.company }

// Limiter returns what bounds this client's calls.
func (c *Client) Limiter() *Limiter { return c.limiter }

// String names host and company and no secret.
func (c Client) String() string { return fmt.Sprintf("connectwise.Client(%s, %s)", c.host, c.company) }

// GoString is String: the fields hold the keys.
func (c Client) GoString() string { return c.String() }

// Format writes String for every verb.
func (c Client) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(c.String())) }

// LogValue names host and company and no secret.
func (c Client) LogValue() slog.Value {
	return slog.GroupValue(slog.String("host", c.host), slog.String("company", c.company))
}

// clean makes text from outside fit for an error: bounded, on one line, and without our keys, which a server or proxy
// may echo.
func (c *Client) clean(text string) string { return cleanText(c.scrub(text), maxErrorText) }

// signer puts what identifies us into a request's header.
func signer(token, clientID string) func(http.Header) {
	return func(header http.Header) {
		header.Set("Authorization", "Basic "+token)
		if clientID != "" {
			header.Set("clientId", clientID)
		}
	}
}

// scrubber replaces the secrets in a text. Very short ones are left alone: they would blank out ordinary words.
func scrubber(secrets ...string) func(string) string {
	var pairs []string
	for _, secret := range secrets {
		if len(secret) >= 4 {
			pairs = append(pairs, secret, redacted)
		}
	}
	replacer := strings.NewReplacer(pairs...)
	return func(text string) string { return replacer.Replace(text) }
}

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}
