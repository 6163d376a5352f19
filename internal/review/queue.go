package review

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/call"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/proposal"
	"daubang/internal/ref"
	"daubang/internal/rubric"
	"daubang/internal/words"
)

// Tray is one heap of a reviewer's work.
type Tray string

// The trays.
const (
	ToAnswer Tray = "to_answer" // asked, waiting for yes or no
	ToDo     Tray = "to_do"     // sheets to write
	Done     Tray = "done"      // sheets that are sent
	Closed   Tray = "closed"    // declined, taken back, or nothing left to judge
)

// Trays lists them, the most urgent first.
var Trays = []Tray{ToAnswer, ToDo, Done, Closed}

// Item is one assignment in a reviewer's list. What they may no longer see,
// because they declined or declared a conflict, is blank.
type Item struct {
	ID               ID
	ProposalID       proposal.ID
	State            State
	DueAt            time.Time
	AssignedAt       time.Time
	AnsweredAt       *time.Time
	Reason           string
	Reference        string
	Title            string
	TitleEn          string
	Status           proposal.Status
	OrganisationName string // blank in a blind call
	CallTitleVi      string
	CallTitleEn      string
	Marks            int // given so far
	Criteria         int // to give
	Total            *rubric.Points
	Sort             string // where it stands in its tray
}

// Call is the title of the call.
func (i Item) Call() words.Pair { return words.Pair{Vi: i.CallTitleVi, En: i.CallTitleEn} }

// Cursor is where the next page begins after this item.
func (i Item) Cursor() string { return i.Sort + "~" + i.ID.String() }

// longestSort is more digits than a moment in a cursor has.
const longestSort = 40

// PageSize is how many assignments a page lists.
const PageSize = 25

// Queue lists one tray of the viewer's assignments: open ones by when they are
// due, the rest newest first. After is the cursor of the last item seen, empty
// for the first page; more says that there is another page.
func Queue(ctx context.Context, db pg.DB, viewer people.ID, tray Tray, after string) (items []Item, more bool, err error) {
	sort, last := "-infinity", ID(0)
	if s, id, ok := strings.Cut(after, "~"); ok {
		if _, err := strconv.ParseFloat(s, 64); err == nil && len(s) <= longestSort && strings.Trim(s, "-.0123456789") == "" {
			sort = s
			last, _ = ref.Parse[ID](id) // a cursor that was tampered with begins at the top
		}
	}
	items, err = pg.All[Item](ctx, db, queue, pgx.StrictNamedArgs{
		"viewer": viewer, "tray": tray, "sort": sort, "last": last, "limit": PageSize + 1,
	})
	if err != nil {
		return nil, false, fmt.Errorf("listing %s: %w", tray, err)
	}
	if len(items) > PageSize {
		return items[:PageSize], true, nil
	}
	return items, false, nil
}

// queue finds the page among the viewer's assignments, and only then what they
// may see of its proposals: offset 0 has each looked up by its key, whatever the
// planner thinks of how many there are.
const queue = `
	select m.id, m.proposal_id, m.state, m.due_at, m.assigned_at, m.answered_at, m.reason,
	       coalesce(p.reference, '') as reference, coalesce(p.title, '') as title, coalesce(p.title_en, '') as title_en,
	       coalesce(p.status, '') as status, coalesce(p.organisation_name, '') as organisation_name,
	       coalesce(c.title_vi, '') as call_title_vi, coalesce(c.title_en, '') as call_title_en,
	       coalesce(r.marks, 0) as marks, coalesce(jsonb_array_length(b.definition->'criteria'), 0) as criteria, (r.total * 100)::int as total,
	       m.sort::text as sort
	from (
	  select a.id, a.proposal_id, a.reviewer_id, a.state, a.due_at, a.assigned_at, a.answered_at, a.reason, a.sort
	  from (
	    select a.id, a.proposal_id, a.reviewer_id, a.state, a.due_at, a.assigned_at, a.answered_at, a.reason,
	           extract(epoch from case when a.open then a.due_at - timestamptz 'epoch' else timestamptz 'epoch' - coalesce(a.answered_at, a.assigned_at) end) as sort,
	           ` + trayOf + ` as tray
	    from visible.assignments(@viewer) a
	    where a.reviewer_id = @viewer
	  ) a
	  where a.tray = @tray and (a.sort, a.id) > (@sort::numeric, @last)
	  order by a.sort, a.id
	  limit @limit
	) m
	left join lateral (select v.call_id, v.reference, v.title, v.title_en, v.status, v.organisation_name from visible.proposals(@viewer) v where v.id = m.proposal_id offset 0) p on true
	left join visible.calls(@viewer) c on c.id = p.call_id
	left join visible.rubrics b on b.id = c.rubric_id
	left join lateral (select v.marks, v.total from visible.reviews(@viewer) v where v.assignment_id = m.id and v.reviewer_id = @viewer offset 0) r on true
	order by m.sort, m.id`

// trayOf is the tray of assignment a.
const trayOf = `case when a.state = 'sent' then 'done' when a.open and a.state = 'invited' then 'to_answer' when a.open then 'to_do' else 'closed' end`

// Counts says how many assignments lie in each tray.
func Counts(ctx context.Context, db pg.DB, viewer people.ID) (map[Tray]int, error) {
	rows, err := pg.All[struct {
		Tray Tray
		N    int
	}](ctx, db, `
		select `+trayOf+` as tray, count(*) as n
		from visible.assignments($1) a
		where a.reviewer_id = $1
		group by 1`, viewer)
	if err != nil {
		return nil, fmt.Errorf("counting assignments: %w", err)
	}
	counts := map[Tray]int{}
	for _, r := range rows {
		counts[r.Tray] = r.N
	}
	return counts, nil
}

// Progress says how many sheets the viewer has sent, of those they were asked
// for in one call and have not declined.
func Progress(ctx context.Context, db pg.DB, viewer people.ID, id call.ID) (sent, all int, err error) {
	n, err := pg.One[struct{ Sent, Live int }](ctx, db, `
		select count(*) filter (where a.state = 'sent') as sent, count(*) as live
		from visible.assignments($1) a
		join visible.proposals($1) p on p.id = a.proposal_id
		where a.reviewer_id = $1 and a.state in ('invited', 'accepted', 'sent') and p.call_id = $2`, viewer, id)
	if err != nil {
		return 0, 0, fmt.Errorf("counting one's reviews in call %s: %w", id, err)
	}
	return n.Sent, n.Live, nil
}
