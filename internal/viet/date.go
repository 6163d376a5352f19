package viet

import (
	"strconv"
	"time"
	_ "time/tzdata" // the binary knows the zone also where the machine does not
)

// Zone is the time of Viet Nam, in which every deadline is meant and shown.
var Zone = zone()

func zone() *time.Location {
	z, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		panic(err) // it is compiled in
	}
	return z
}

var (
	weekdays = [...]string{"Chủ nhật", "Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy"}
	inText   = [...]string{"Chủ nhật", "thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy"}
)

// Day is the calendar day in Viet Nam at the instant t, as midnight UTC, which
// is how a date column is read and how [ParseDate] answers.
func Day(t time.Time) time.Time {
	y, m, d := t.In(Zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Weekday names the day of t alone or at the start of a sentence: Thứ Hai.
func Weekday(t time.Time) string { return weekdays[t.In(Zone).Weekday()] }

// Date writes the day of t: 05/01/2026. Like all of these functions it is empty
// for the zero time, and serves instants and calendar days (midnight UTC) alike.
func Date(t time.Time) string { return shown(t, "02/01/2006") }

// DateLong is Date with the weekday: thứ Sáu 26/02/2027.
func DateLong(t time.Time) string { return dayed(t, "") }

// Clock writes the time of day of t: 17:00.
func Clock(t time.Time) string { return shown(t, "15:04") }

// Instant writes a deadline in full: 17:00, thứ Sáu 26/02/2027.
func Instant(t time.Time) string { return dayed(t, "15:04, ") }

// InstantSeconds writes when something was received: 15:47:09, thứ Năm 25/02/2027.
func InstantSeconds(t time.Time) string { return dayed(t, "15:04:05, ") }

// DateEn is Date for the English pages: 26 February 2027.
func DateEn(t time.Time) string { return shown(t, "2 January 2006") }

// DateLongEn is DateLong for the English pages: Friday 26 February 2027.
func DateLongEn(t time.Time) string { return shown(t, "Monday 2 January 2006") }

// InstantEn is Instant for the English pages: 17:00, Friday 26 February 2027.
func InstantEn(t time.Time) string { return shown(t, "15:04, Monday 2 January 2006") }

// InstantSecondsEn is InstantSeconds for the English pages.
func InstantSecondsEn(t time.Time) string { return shown(t, "15:04:05, Monday 2 January 2006") }

// Until writes the last moment before t, the first refused instant, without
// excluding what it names: at midnight it is the day before, all of it, else
// [Instant]. It follows đến: hết thứ Bảy 28/11/2026; 17:00, thứ Sáu 26/02/2027.
func Until(t time.Time) string {
	if day, ok := lastDay(t); ok {
		return "hết " + DateLong(day)
	}
	return Instant(t)
}

// UntilEn is Until for the English pages: the end of Saturday 28 November 2026.
func UntilEn(t time.Time) string {
	if day, ok := lastDay(t); ok {
		return "the end of " + DateLongEn(day)
	}
	return InstantEn(t)
}

// lastDay is the day that ends at t, if one does.
func lastDay(t time.Time) (time.Time, bool) {
	before := t.Add(-time.Nanosecond)
	return before, !t.IsZero() && !Day(t).Equal(Day(before))
}

// DocumentDate writes the day as Decree 30/2020 wants it, with a zero before
// days below 10 and months 1 and 2 only: ngày 05 tháng 3 năm 2026.
func DocumentDate(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(Zone)
	month := strconv.Itoa(int(t.Month()))
	if t.Month() < time.March {
		month = "0" + month
	}
	return t.Format("ngày 02 tháng ") + month + t.Format(" năm 2006")
}

// PlaceAndDate is the line under the heading of a document:
// Hà Nội, ngày 05 tháng 01 năm 2026.
func PlaceAndDate(place string, t time.Time) string { return place + ", " + DocumentDate(t) }

// FirstRefused is the first instant at which a report due "before day/month"
// comes too late: that day's midnight in Viet Nam, or the next one's where the
// day itself is included. The day must exist; whoever stores the rule sees to it.
func FirstRefused(day, month, year int, included bool) time.Time {
	if included {
		day++
	}
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, Zone)
}

// shown formats t in Viet Nam's time.
func shown(t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.In(Zone).Format(layout)
}

// dayed is the time of day by layout, if any, then weekday and date.
func dayed(t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return shown(t, layout) + inText[t.In(Zone).Weekday()] + " " + Date(t)
}
