// Package data holds what the demonstration starts from, as files: the five
// programmes, the documents they cite, places, national targets and holidays,
// and the calls, whose days count from the day the demonstration is loaded.
//
// All but the calls have the formats that `daubang import` reads, and are facts
// in our own words; where the places come from, and under which licence, is said in
// THIRD_PARTY.md.
package data

import "embed"

// Files are programmes.json, legal_documents.csv, places.csv, successions.csv,
// national_targets.csv, holidays.csv, calls.json and small.json, a
// form that one of the calls uses.
//
//go:embed *.json *.csv
var Files embed.FS
