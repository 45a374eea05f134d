// Package bridge is Causeway's domain: what the integration guide calls tenants, products, agreements, additions and
// configurations, and every rule that joins a MySonicWall account to a ConnectWise Manage company. It is pure: no clock,
// network or database, only the standard library and decimals, so that each rule can be read, argued about and tested alone.
package bridge
