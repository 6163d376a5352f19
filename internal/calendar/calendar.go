// Package calendar knows on which days offices work: Monday to Friday, less the
// holidays, with the days that are swapped from year to year.
//
// Holidays are data that is announced each year (import holidays FILE). Only
// days that stand in the law or were read in a published source count; what is
// still a proposal is kept, shown to nobody, and changes no deadline.
package calendar

import (
	"context"
	"fmt"
	"time"

	"daubang/internal/pg"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// Kind is what a day of the list is.
type Kind string

// The kinds.
const (
	Holiday  Kind = "holiday"
	InLieu   Kind = "in_lieu"   // off, because the holiday fell on a weekend
	SwapOff  Kind = "swap_off"  // off in exchange for a Saturday
	SwapWork Kind = "swap_work" // a Saturday or Sunday worked in exchange
)

// Day is one day of the list that counts as fact.
type Day struct {
	Date   time.Time
	NameVi string
	NameEn string
	Kind   Kind
}

// Name is the day's name in both languages.
func (d Day) Name() words.Pair { return words.Pair{Vi: d.NameVi, En: d.NameEn} }

// List returns the days of a year that count as fact.
func List(ctx context.Context, db pg.DB, year int) ([]Day, error) {
	return pg.All[Day](ctx, db, `
		select date, name_vi, name_en, kind from visible.holidays
		where certain and date >= make_date($1, 1, 1) and date < make_date($1 + 1, 1, 1) order by date`, year)
}

// Days are all days of the list, to reckon with. The zero value knows weekends
// only. Its methods take instants and mean the day in Viet Nam.
type Days struct{ kinds map[time.Time]Kind }

// Load reads the list.
func Load(ctx context.Context, db pg.DB) (Days, error) {
	type day struct {
		Date time.Time
		Kind Kind
	}
	list, err := pg.All[day](ctx, db, `select date, kind from visible.holidays where certain`)
	if err != nil {
		return Days{}, fmt.Errorf("loading holidays: %w", err)
	}
	d := Days{kinds: make(map[time.Time]Kind, len(list))}
	for _, day := range list {
		d.kinds[day.Date.UTC()] = day.Kind
	}
	return d, nil
}

// IsWorkingDay reports whether offices work on the day of t.
func (d Days) IsWorkingDay(t time.Time) bool { return d.works(viet.Day(t)) }

func (d Days) works(day time.Time) bool {
	switch d.kinds[day] {
	case Holiday, InLieu, SwapOff:
		return false
	case SwapWork:
		return true
	}
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}

// AddWorkingDays is the n-th working day after the day of t, which itself is not
// counted; with a negative n, before it. With 0 it is the day itself or, where
// offices are closed, the next working day, on which such a period ends (Civil
// Code 2015, Art. 148).
func (d Days) AddWorkingDays(t time.Time, n int) time.Time {
	day, step := viet.Day(t), 1
	if n < 0 {
		n, step = -n, -1
	}
	if n == 0 {
		for !d.works(day) {
			day = day.AddDate(0, 0, 1)
		}
	}
	for n > 0 {
		day = day.AddDate(0, 0, step)
		if d.works(day) {
			n--
		}
	}
	return day
}
