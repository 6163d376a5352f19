package site

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"daubang/internal/people"
	"daubang/internal/problem"
	"daubang/internal/proposal"
)

// How fast pages may save what is typed on them. A person who types saves once in
// a second and a half at the most; ten times that is a program, or a fault of
// ours. Each process counts for itself, in memory: a limit that costs a query
// would cost more than a save.
const (
	savesAMinute = 600             // of one person
	teamFactor   = 3               // so many times that for all who write one proposal
	burstShare   = 5               // a fifth of a minute's may come at once
	saveWait     = 8 * time.Second // for a turn; a page of ours waits twenty for its answer
)

// pace lets something be done so often, each for whoever it is counted by. Of
// each it knows one instant: when all that was done is worked off.
type pace struct {
	each time.Duration // what one costs
	most time.Duration // what may be owed

	mu    sync.Mutex
	until map[int64]time.Time
	sweep int // how many there may be before those who owe nothing are forgotten
}

func newPace(aMinute int) *pace {
	each := time.Minute / time.Duration(aMinute)
	return &pace{each: each, most: each * time.Duration(max(1, aMinute/burstShare)), until: map[int64]time.Time{}, sweep: 1000}
}

// owes is how long key has to wait; 0: it may go on.
func (p *pace) owes(key int64, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(0, p.owed(key, now).Sub(now)+p.each-p.most)
}

// count counts one of key's.
func (p *pace) count(key int64, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.until) >= p.sweep {
		for k, until := range p.until {
			if !until.After(now) {
				delete(p.until, k)
			}
		}
		p.sweep = max(1000, 2*len(p.until))
	}
	p.until[key] = p.owed(key, now).Add(p.each)
}

// owed is when all that key did is worked off.
func (p *pace) owed(key int64, now time.Time) time.Time {
	if until := p.until[key]; until.After(now) {
		return until
	}
	return now
}

// saves keeps what pages send while one types from crowding out the rest.
type saves struct {
	persons, proposals *pace
	turns              chan struct{}
}

func (s *Site) newSaves() saves {
	n := s.SavesAMinute
	if n == 0 {
		n = savesAMinute
	}
	turns := 2
	if s.DB != nil { // a third of the connections stays for those who send, and for who reads
		turns = max(turns, int(s.DB.Config().MaxConns)*2/3)
	}
	return saves{persons: newPace(n), proposals: newPace(teamFactor * n), turns: make(chan struct{}, turns)}
}

// inTurn does a save when its turn has come. Who saves too fast is told when to
// come again, and nothing is lost: the page still holds it. A proposal's pace is
// set by those alone whose saves are heard.
func (s *Site) inTurn(w http.ResponseWriter, r *http.Request, at proposal.ID, who people.ID, save func() error) error {
	now := s.Now()
	wait := max(s.saves.persons.owes(int64(who), now), s.saves.proposals.owes(int64(at), now))
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		return problem.Because(problem.TooMany, "draft.too_fast")
	}
	s.saves.persons.count(int64(who), now)
	patience := time.NewTimer(saveWait)
	defer patience.Stop()
	select {
	case s.saves.turns <- struct{}{}:
		defer func() { <-s.saves.turns }()
	case <-r.Context().Done():
		return problem.Busy
	case <-patience.C:
		return problem.Because(problem.Busy, "draft.too_many")
	}
	err := save()
	if err == nil {
		s.saves.proposals.count(int64(at), now)
	}
	return err
}
