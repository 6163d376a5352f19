package work

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/call"
	"daubang/internal/inquiry"
	"daubang/internal/letter"
	"daubang/internal/message"
	"daubang/internal/proposal"
)

// TestDeadlineLetters: each says what holds for its reader now, and nothing once
// it is sent or over.
func TestDeadlineLetters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.status(t, proposal.Draft)
	w.exec(t, `update proposals set submitted_at = null where id = $1`, w.proposal)
	for kind, want := range map[letter.Kind]string{
		letter.Reminder: "12 ngày (tính lúc", letter.Idle: "Đã 0 ngày", letter.Extended: "withheld: gone", letter.ReturnExtended: "withheld: moved_on",
	} {
		if said := w.says(t, w.due(kind, w.head)); !strings.Contains(said, want) {
			t.Errorf("%s: %s", kind, said)
		}
	}
	w.exec(t, `insert into extensions (call_id, organisations, closed_before, closes_at, reason, late, proposed_by, proposed_at, confirmed_by, confirmed_at)
		values ($1, array[$2::bigint], $3::timestamptz + interval '12 days', $3::timestamptz + interval '20 days', 'Bão số 3', false, $4, $3, $4, $3)`, w.call, w.organisation, begun, w.officer)
	if said := w.says(t, w.due(letter.Extended, w.head)); !strings.Contains(said, "Bão số 3") || !strings.Contains(said, "06/03/2027") {
		t.Error(said)
	}
	if said := w.says(t, w.due(letter.Reminder, w.head)); !strings.Contains(said, "20 ngày (tính lúc") {
		t.Error("the extension is not counted:", said)
	}
	if said := w.says(t, w.due(letter.Reminder, w.officer)); said != "withheld: gone" {
		t.Error("an officer is reminded of a draft:", said)
	}
	w.exec(t, `update proposals set status = 'returned', submitted_at = $2, returned_until = $3 where id = $1`, w.proposal, begun, begun.Add(48*time.Hour))
	d := w.due(letter.ReturnExtended, w.head)
	d.Refs["reason"] = "Mất điện"
	if said := w.says(t, d); !strings.Contains(said, "Mất điện") {
		t.Error(said)
	}
	if said := w.says(t, w.due(letter.Reminder, w.head)); said != "withheld: moved_on" {
		t.Error("reminded of what was sent:", said)
	}
}

// TestMessageLetters: to the other side alone, while it is unread.
func TestMessageLetters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var id message.ID
	w.tx(t, func(ctx context.Context, tx pgx.Tx) (err error) {
		id, err = message.Send(ctx, tx, audit.Act{By: int64(w.writer), At: begun}, w.proposal, 0, "Xin hỏi về ngân sách")
		return err
	})
	d := w.due(letter.Message, w.officer)
	d.Refs["message"] = id.String()
	if said := w.says(t, d); !strings.Contains(said, "Xin hỏi về ngân sách") || !strings.Contains(said, w.proposal.String()+"/messages") {
		t.Error(said)
	}
	w.exec(t, `update calls set sensitive = true where id = $1`, w.call)
	if said := w.says(t, d); strings.Contains(said, "ngân sách") || strings.Contains(said, "Nước sạch") {
		t.Error("a sensitive letter tells:", said)
	}
	d.PersonID = int64(w.reviewer)
	if said := w.says(t, d); said != "withheld: gone" {
		t.Error("a reviewer is told:", said)
	}
	w.tx(t, func(ctx context.Context, tx pgx.Tx) error {
		return message.MarkRead(ctx, tx, audit.Act{By: int64(w.officer), At: begun.Add(time.Second)}, w.proposal, id)
	})
	d.PersonID = int64(w.officer)
	if said := w.says(t, d); said != "withheld: moved_on" {
		t.Error("told of what was read:", said)
	}
}

// TestInquiryLetters: the asker gets the answer, writers that there is one.
func TestInquiryLetters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var id inquiry.ID
	w.tx(t, func(ctx context.Context, tx pgx.Tx) (err error) {
		id, err = inquiry.Ask(ctx, tx, audit.Act{By: int64(w.writer), At: begun}, call.ID(w.call), "Nộp chung được không?")
		return err
	})
	asked := letter.Due{ID: 1, Kind: letter.InquiriesAsked, PersonID: int64(w.officer), Lang: "vi", Refs: map[string]any{"call": call.ID(w.call).String()}}
	if said := w.says(t, asked); !strings.Contains(said, "Nộp chung được không?") || !strings.Contains(said, "/desk/calls/") {
		t.Error(said)
	}
	asked.PersonID = int64(w.head)
	if said := w.says(t, asked); said != "withheld: moved_on" {
		t.Error("who answers for no call is told:", said)
	}
	w.tx(t, func(ctx context.Context, tx pgx.Tx) error {
		return inquiry.Settle(ctx, tx, audit.Act{By: int64(w.officer), At: begun}, id, inquiry.Reply{Kind: "public", PublicText: "Nộp chung?", Text: "Được nộp chung"})
	})
	asked.PersonID = int64(w.officer)
	if said := w.says(t, asked); said != "withheld: moved_on" {
		t.Error("told of what is answered:", said)
	}
	d := letter.Due{ID: 1, Kind: letter.InquiryAnswered, PersonID: int64(w.writer), Lang: "vi", Refs: map[string]any{"inquiry": id.String(), "call": call.ID(w.call).String()}}
	if said := w.says(t, d); !strings.Contains(said, "Được nộp chung") || !strings.Contains(said, "Nộp chung được không?") || !strings.Contains(said, "/questions") {
		t.Error(said)
	}
	d.Kind, d.PersonID = letter.InquiriesPublished, int64(w.head)
	if said := w.says(t, d); !strings.Contains(said, "BDG-27") || strings.Contains(said, "Được nộp chung") {
		t.Error(said)
	}
}
