// Package billmodel says, independently of the rules in internal/bridge, which products ConnectWise must bill: from which day, until
// when, on which agreement, for what quantity, and which words are a good reason for not billing. It is small enough to be read
// against the requirements, shares no code with what it judges and remembers only what it saw itself. Tests that live through random
// years show it ConnectWise each morning before a sync, each evening after it, and at each invoice.
package billmodel
