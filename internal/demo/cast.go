package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/demo/data"
	"daubang/internal/organisation"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/words"
)

type (
	organisationID = organisation.ID
	callID         = call.ID
)

const (
	host         = "@demo.example"
	officerEmail = "ha" + host
)

// persons of the demo. Those who can do something different come first and are
// offered on the first page.
var persons = []struct {
	local, name, does string // does: key of what is offered; empty: not offered
	locale            words.Lang
}{
	{"lan", "Nguyễn Thị Lan", "demo.does.head", words.Vi},
	{"hoa", "Trần Thị Hoa", "demo.does.writer", words.Vi},
	{"ha", "Lê Thu Hà", "demo.does.officer", words.Vi},
	{"minh", "Phạm Đức Minh", "demo.does.reviewer", words.Vi},
	{"binh", "Hoàng Thanh Bình", "demo.does.reviewer_two", words.Vi},
	{"anna", "Anna Nguyễn", "demo.does.reviewer_en", words.En},
	{"tam", "Vũ Ngọc Tâm", "", words.Vi},
	{"khanh", "Đặng Quốc Khánh", "demo.does.admin", words.Vi},
	{"thuy", "Bùi Thanh Thủy", "demo.does.auditor", words.Vi},
	{"dao", "Đỗ Thị Đào", "", words.Vi},
	{"mai", "Hồ Ngọc Mai", "", words.Vi},
	{"son", "Phan Văn Sơn", "", words.Vi},
	{"huong", "Võ Thị Hương", "", words.Vi},
	{"nga", "Huỳnh Thúy Nga", "", words.Vi},
}

// Accounts lists whom one may sign in as, all with [Password].
func Accounts() []Account {
	var all []Account
	for _, p := range persons {
		if p.does != "" {
			all = append(all, Account{Does: words.Pair{Vi: words.T(words.Vi, p.does), En: words.T(words.En, p.does)}, Name: p.name, Email: p.local + host})
		}
	}
	return all
}

// organisationRecord is an organisation of the demo, as its head entered it.
type organisationRecord struct {
	Key   string                       `json:"key"`
	Head  string                       `json:"head"`
	Crew  map[string]organisation.Role `json:"crew"`
	Entry organisation.Entry           `json:"entry"`
}

func newCast(ctx context.Context, tx pgx.Tx, act audit.Act) (*cast, error) {
	c := &cast{people: map[string]people.ID{}, organisations: map[string]organisationID{}, officers: map[string]people.ID{}}
	hash, err := people.HashOnce(ctx, Password)
	if err != nil {
		return nil, err
	}
	for _, p := range persons {
		id, err := people.AddHashed(ctx, tx, act, people.Newcomer{Name: p.name, Email: p.local + host, Locale: p.locale}, hash)
		if err != nil {
			return nil, fmt.Errorf("adding %s: %w", p.name, err)
		}
		c.people[p.local] = id
	}
	if err := c.officersAndWatchers(ctx, tx, act); err != nil {
		return nil, err
	}
	return c, c.found(ctx, tx, act)
}

// officersAndWatchers makes Hà the officer of every programme, and appoints who
// administers and who audits.
func (c *cast) officersAndWatchers(ctx context.Context, tx pgx.Tx, act audit.Act) error {
	type row struct {
		ID  int64
		Key string
	}
	programmes, err := pg.All[row](ctx, tx, `select id, key from programmes where key is not null`)
	if err != nil {
		return err
	}
	for _, p := range programmes {
		if err := people.GrantFromShell(ctx, tx, act.At, officerEmail, people.Officer, people.Scope{ProgrammeID: p.ID}); err != nil {
			return err
		}
		c.officers[p.Key] = c.people["ha"]
	}
	if err := people.GrantFromShell(ctx, tx, act.At, "khanh"+host, people.Admin, people.Scope{}); err != nil {
		return err
	}
	return people.GrantFromShell(ctx, tx, act.At, "thuy"+host, people.Auditor, people.Scope{})
}

// found founds the organisations.
func (c *cast) found(ctx context.Context, tx pgx.Tx, act audit.Act) error {
	b, err := data.Files.ReadFile("organisations.json")
	if err != nil {
		return err
	}
	var all []organisationRecord
	if err := json.Unmarshal(b, &all); err != nil {
		return fmt.Errorf("reading organisations.json: %w", err)
	}
	for _, o := range all {
		id, err := organisation.Create(ctx, tx, c.by(act, o.Head), o.Entry)
		if err != nil {
			return fmt.Errorf("founding %s: %w", o.Key, explain(err))
		}
		c.organisations[o.Key] = id
		for local, role := range o.Crew {
			_, err := tx.Exec(ctx, `insert into members (organisation_id, person_id, role, joined_at) values ($1, $2, $3, $4)`, id, c.people[local], role, act.At)
			if err != nil {
				return fmt.Errorf("joining %s to %s: %w", local, o.Key, err)
			}
		}
	}
	return nil
}

// appoint names the reviewers and chairs of every call.
func (c *cast) appoint(ctx context.Context, tx pgx.Tx, act audit.Act) error {
	for _, id := range c.calls {
		for local, role := range map[string]people.Role{"minh": people.Reviewer, "binh": people.Reviewer, "anna": people.Reviewer, "tam": people.Chair} {
			if err := people.GrantFromShell(ctx, tx, act.At, local+host, role, people.Scope{CallID: int64(id)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// by is an act at the same moment by somebody of the cast.
func (c *cast) by(act audit.Act, local string) audit.Act {
	return audit.Act{By: int64(c.people[local]), At: act.At}
}

// explain says what is wrong in words: a refusal in the demo is a fault of ours.
func explain(err error) error {
	var said strings.Builder
	if wrong, ok := errors.AsType[problem.Invalid](err); ok {
		for field, w := range wrong {
			fmt.Fprintf(&said, "; %s: %s", field, words.Say(words.En, w))
		}
	}
	return fmt.Errorf("%w%s", err, said.String())
}
