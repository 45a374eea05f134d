// Package bench measures whole runs with the real worker, Temporal's dev server and both simulators on one machine, and prints
// counts and ratios. Nothing in it asserts a time: machines differ. Build tag bench; `make bench` runs it.
package bench
