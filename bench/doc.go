// Package bench proves that the portal carries its load: tests hold every page
// to a number of queries and the long lists to their indexes, and benchmarks
// (`make bench`) compare a database of a thousand proposals with one of a
// hundred thousand. docs/performance.md says what came out.
package bench
