package ui

import (
	"context"
	"time"

	"daubang/internal/viet"
	"daubang/internal/words"
)

// Number writes a whole number the way the visitor's language groups it.
func Number(ctx context.Context, n int64) string {
	if words.Of(ctx) == words.En {
		return viet.NumberEn(n)
	}
	return viet.Number(n)
}

// Money writes an amount of đồng with its sign: 795.500.000 ₫.
func Money(ctx context.Context, n int64) string {
	if words.Of(ctx) == words.En {
		return viet.MoneyEn(n)
	}
	return viet.Money(n)
}

// Decimal writes a number with so many places after the comma.
func Decimal(ctx context.Context, f float64, places int) string {
	if words.Of(ctx) == words.En {
		return viet.DecimalEn(f, places)
	}
	return viet.Decimal(f, places)
}

// Date writes the day of t in Viet Nam: 26/02/2027. The zero time is nothing.
func Date(ctx context.Context, t time.Time) string {
	if words.Of(ctx) == words.En {
		return viet.DateEn(t)
	}
	return viet.Date(t)
}

// DateLong is [Date] with the day of the week.
func DateLong(ctx context.Context, t time.Time) string {
	if words.Of(ctx) == words.En {
		return viet.DateLongEn(t)
	}
	return viet.DateLong(t)
}

// Instant writes a moment to the minute in Viet Nam's time, with the day of the
// week: 17:00, thứ Sáu 26/02/2027.
func Instant(ctx context.Context, t time.Time) string {
	if words.Of(ctx) == words.En {
		return viet.InstantEn(t)
	}
	return viet.Instant(t)
}

// Until is how a deadline is said whose first refused instant is t, after "đến":
// 17:00, thứ Sáu 26/02/2027; at midnight it is the day that ends, hết thứ Bảy
// 28/11/2026. No page says a deadline otherwise.
func Until(ctx context.Context, t time.Time) string {
	if words.Of(ctx) == words.En {
		return viet.UntilEn(t)
	}
	return viet.Until(t)
}

// InstantSeconds is [Instant] to the second, for receipts.
func InstantSeconds(ctx context.Context, t time.Time) string {
	if words.Of(ctx) == words.En {
		return viet.InstantSecondsEn(t)
	}
	return viet.InstantSeconds(t)
}

// farAway is from where on nobody counts days; time.Duration itself ends after
// 292 years and would count wrongly.
const farAway = 10 * 366 * 24 * time.Hour

// DaysLeft says how long it is from now to t, rounded down so that nobody
// counts on more: 12 ngày, 5 giờ, 40 phút. Past t it says that it is over.
func DaysLeft(ctx context.Context, now, t time.Time) string {
	left := t.Sub(now)
	switch {
	case left > farAway:
		return words.Tr(ctx, "ui.left.far")
	case left <= 0:
		return words.Tr(ctx, "ui.left.over")
	case left < time.Minute:
		return words.Tr(ctx, "ui.left.moment")
	case left < time.Hour:
		return counted(ctx, int(left/time.Minute), "ui.left.minute", "ui.left.minutes")
	case left < 48*time.Hour:
		return counted(ctx, int(left/time.Hour), "ui.left.hour", "ui.left.hours")
	default:
		return counted(ctx, int(left/(24*time.Hour)), "ui.left.day", "ui.left.days")
	}
}

// TimeLeft is [DaysLeft] in two units, for a countdown in words: 2 ngày 5 giờ,
// 5 giờ 40 phút, 40 phút; rounded down too.
func TimeLeft(ctx context.Context, now, t time.Time) string {
	left := t.Sub(now)
	days, hours, minutes := int(left/(24*time.Hour)), int(left%(24*time.Hour)/time.Hour), int(left%time.Hour/time.Minute)
	switch {
	case left < time.Hour || left > farAway:
		return DaysLeft(ctx, now, t)
	case days > 0 && hours == 0:
		return counted(ctx, days, "ui.left.day", "ui.left.days")
	case days > 0:
		return counted(ctx, days, "ui.left.day", "ui.left.days") + " " + counted(ctx, hours, "ui.left.hour", "ui.left.hours")
	case minutes == 0:
		return counted(ctx, hours, "ui.left.hour", "ui.left.hours")
	default:
		return counted(ctx, hours, "ui.left.hour", "ui.left.hours") + " " + counted(ctx, minutes, "ui.left.minute", "ui.left.minutes")
	}
}

// Left is how much time is left, and until when exactly, in one sentence: "Còn 2
// ngày 5 giờ: đến 17:00, thứ Sáu 26/02/2027, giờ Việt Nam". It is true at now,
// and nothing ticks.
func Left(ctx context.Context, now, t time.Time) string {
	if !now.Before(t) {
		return words.Tr(ctx, "ui.countdown.over", Until(ctx, t))
	}
	return words.Tr(ctx, "ui.countdown", TimeLeft(ctx, now, t), Until(ctx, t))
}

// counted says n of something; English has a form for one.
func counted(ctx context.Context, n int, one, many string) string {
	if n == 1 {
		many = one
	}
	return words.Tr(ctx, many, n)
}

// Bytes writes how large a file is, in whole KB or MB with one place.
func Bytes(ctx context.Context, n int64) string {
	switch {
	case n < 1000:
		return words.Tr(ctx, "ui.bytes", n)
	case n < 1_000_000:
		return words.Tr(ctx, "ui.kilobytes", Number(ctx, (n+500)/1000))
	default:
		return words.Tr(ctx, "ui.megabytes", Decimal(ctx, float64(n)/1e6, 1))
	}
}
