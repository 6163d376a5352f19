package work

import (
	"crypto/rand"
	"encoding/binary"
	"time"

	"github.com/riverqueue/river/rivertype"
)

// pace is how fast things go. Tests hurry.
type pace struct {
	job    time.Duration // what one job may take
	rescue time.Duration // after which a job whose worker is gone is another's; longer than job
	lease  time.Duration // for which a letter is one worker's; longer than job, shorter than rescue
	poll   time.Duration // between looks at the queue when nothing is heard

	deferred    []time.Duration // after the first, second … time that the mail server put a letter off
	unreachable []time.Duration // after the first, second … time that there was none; the last repeats
	patience    time.Duration   // how long a letter waits for a mail server before it fails

	test bool
}

// usual is the pace of production. A letter that the server puts off is tried
// ten times in six hours, as [jobs.SendLetter] says. One for which there is no
// server waits for days, but never more than some twelve minutes at a time, so
// that all are out a quarter of an hour after it is back.
var usual = pace{
	job:         30 * time.Second,
	rescue:      2 * time.Minute,
	lease:       time.Minute,
	poll:        time.Second,
	deferred:    []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 90 * time.Minute, 150 * time.Minute},
	unreachable: []time.Duration{10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute},
	patience:    3 * 24 * time.Hour,
}

func (p pace) orUsual() pace {
	if p.job == 0 {
		return usual
	}
	return p
}

// after is the pause after the n-th time, counted from 1.
func after(pauses []time.Duration, n int) time.Duration {
	return jitter(pauses[min(max(n, 1), len(pauses))-1])
}

// jitter is d give or take a fifth, so that what failed together does not come
// back together.
func jitter(d time.Duration) time.Duration {
	var b [2]byte
	_, _ = rand.Read(b[:]) // never fails, says its documentation
	return d*4/5 + d*2/5*time.Duration(binary.BigEndian.Uint16(b[:]))/(1<<16)
}

// NextRetry says when a job that failed is tried again. One that was rescued has
// waited long enough.
func (o Options) NextRetry(job *rivertype.JobRow) time.Time {
	now := o.Now()
	if job.AttemptedAt != nil && now.Sub(*job.AttemptedAt) >= o.pace.rescue {
		return now
	}
	return now.Add(after(o.pace.deferred, job.Attempt))
}
