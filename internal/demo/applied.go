package demo

import (
	"math/rand/v2"
	"strconv"
	"time"

	"daubang/internal/rubric"
)

// standing is how often a proposal of last year's calls stands where, in per
// mille.
var standing = weighted{
	{"draft", 20},
	{"submitted", 70},
	{"returned", 30},
	{"eligible", 60},
	{"ineligible", 50},
	{"in_review", 250},
	{"approved", 180},
	{"conditional", 40},
	{"waitlisted", 50},
	{"declined", 220},
	{"withdrawn", 30},
}

// settled is the same for the calls before: nothing is in hand any more.
var settled = weighted{
	{"draft", 20},
	{"ineligible", 80},
	{"approved", 300},
	{"conditional", 60},
	{"waitlisted", 60},
	{"declined", 430},
	{"withdrawn", 50},
}

// judged are the statuses whose proposals have reviewers.
var judged = map[string]bool{"in_review": true, "approved": true, "conditional": true, "waitlisted": true, "declined": true}

const (
	worthMean, worthSpread = 3.4, 0.7
	severity, chance       = 0.35, 0.5
	sentOfHundred          = 55 // sheets of a proposal that is in review
	awaitedOfHundred       = 20 // proposals in review that wait for one answer more
)

// application is all there is to know of one proposal.
type application struct {
	id           int64
	organisation int
	call         *pastCall
	reference    string
	title        string
	status       string
	amount       int64
	months       int
	created      time.Time
	sent         time.Time
	sheets       []sheetOf
}

// sheetOf is a reviewer's sheet: sent, begun, or only asked for (no marks).
type sheetOf struct {
	id       int64
	reviewer int
	state    string
	marks    []int // in the order of the rubric; of one begun only the first
	total    rubric.Points
	at       time.Time
}

// callOf is the call of proposal i: a step of seven through the twenty, so that an
// organisation, which has fewer than twenty proposals, meets none twice.
func (g *generator) callOf(i int) int { return (i%g.organisations + 7*(i/g.organisations)) % callsPast }

// status draws where proposal i stands.
func (g *generator) status(i int) string {
	r := g.random("status", i)
	if g.callOf(i) < g.lastYear {
		return standing.pick(r)
	}
	return settled.pick(r)
}

func (g *generator) application(i int) application {
	r := g.random("proposal", i)
	o := i % g.organisations
	c := &g.calls[g.callOf(i)]
	p := application{id: g.id("proposal", i), organisation: o, call: c, status: g.status(i), months: 6 + r.IntN(max(c.asked.Terms.MonthsMax-5, 1))}
	p.reference = c.code + "-" + tail(i)
	p.title = title(r, g.commune(o).FullName)
	const million = 1_000_000
	least, most := c.asked.Terms.GrantMin/million, c.asked.Terms.GrantMax/million
	p.amount = (least + (r.Int64N(most-least+1)+r.Int64N(most-least+1))/2) * million
	u := r.Float64()
	p.sent = c.closes.Add(-time.Duration(float64(c.closes.Sub(c.opens)) * u * u * u * u)).Truncate(time.Second)
	p.created = p.sent.Add(-time.Duration(1+r.IntN(20*24)) * time.Hour)
	if judged[p.status] {
		p.sheets = g.sheets(r, i, p)
	}
	return p
}

// letters of references; package proposal says why these.
const letters = "23456789BCDFGHJKMNPQRTVWXY"

// tail writes i in the letters of references, five of them.
func tail(i int) string {
	const all = 26 * 26 * 26 * 26 * 26
	n := i * 7919 % all // a prime step: neighbours look nothing alike, and none is met twice
	b := []byte("22222")
	for k := len(b) - 1; k >= 0; k-- {
		b[k] = letters[n%len(letters)]
		n /= len(letters)
	}
	return string(b)
}

// sheets are proposal i's part of the sheets asked for.
func (g *generator) sheets(r *rand.Rand, i int, p application) []sheetOf {
	nth := int(g.nth[i])
	n := (nth+1)*g.Reviews/g.reviewed - nth*g.Reviews/g.reviewed
	worth := worthMean + worthSpread*r.NormFloat64()
	var out []sheetOf
	for k := range n {
		v := g.asked(i, k)
		v.state = "sent"
		if p.status == "in_review" && r.IntN(100) >= sentOfHundred {
			v.state = "accepted"
		}
		v.at = p.call.closes.Add(time.Duration(24*(3+r.IntN(20))) * time.Hour)
		g.mark(r, &v, worth, p.call.rubric)
		out = append(out, v)
	}
	if p.status == "in_review" && r.IntN(100) < awaitedOfHundred {
		v := g.asked(i, n)
		v.state = "invited"
		out = append(out, v)
	}
	return out
}

// asked is the k-th reviewer asked for proposal i: neighbours in the call's
// panel, so that nobody is asked twice, beginning anywhere.
func (g *generator) asked(i, k int) sheetOf {
	start := g.random("panel", i).IntN(g.panel())
	return sheetOf{id: g.id("assignment "+strconv.Itoa(k), i), reviewer: g.panelist(g.callOf(i), start+k)}
}

// panel is how many review a call.
func (g *generator) panel() int { return max(g.reviewers/callsPast, leastReviewers) }

// panelist is the k-th reviewer of a call.
func (g *generator) panelist(call, k int) int {
	return (call*g.panel() + k%g.panel()) % g.reviewers
}

// mark fills a sheet, one that is only begun not to its end.
func (g *generator) mark(r *rand.Rand, v *sheetOf, worth float64, by rubric.Definition) {
	strict := severity * g.random("reviewer", v.reviewer).NormFloat64()
	given := len(by.Criteria)
	if v.state != "sent" {
		given = 1 + r.IntN(given-1)
	}
	for _, c := range by.Criteria[:given] {
		mark := min(max(int(worth+strict+chance*r.NormFloat64()+0.5), rubric.Lowest), rubric.Highest)
		v.marks = append(v.marks, mark)
		v.total += c.Points(mark)
	}
}

// scores are what lists show of a proposal's sheets; nil where none is sent.
func (p application) scores() (assigned, sent int, mean, low, high any) {
	sum, least, most := 0, rubric.Points(0), rubric.Points(0)
	for _, v := range p.sheets {
		if v.state != "sent" {
			continue
		}
		if sent == 0 {
			least, most = v.total, v.total
		}
		sent++
		sum, least, most = sum+int(v.total), min(least, v.total), max(most, v.total)
	}
	if sent == 0 {
		return len(p.sheets), 0, nil, nil, nil
	}
	return len(p.sheets), sent, decimal(rubric.Points((2*sum + sent) / (2 * sent))), decimal(least), decimal(most) // half up, as numeric rounds
}

// criterionMeans is the mean mark of the sheets that are in, by criterion.
func (p application) criterionMeans() map[string]float64 {
	means, sent := map[string]float64{}, 0.0
	for _, v := range p.sheets {
		if v.state != "sent" {
			continue
		}
		sent++
		for i, mark := range v.marks {
			means[p.call.rubric.Criteria[i].Key] += float64(mark)
		}
	}
	for key := range means {
		means[key] /= sent
	}
	return means
}

// decimal is points as a column with two decimals holds them.
func decimal(p rubric.Points) string { return strconv.FormatFloat(p.Float(), 'f', 2, 64) }
