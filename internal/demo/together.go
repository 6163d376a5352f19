package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/form"
	"daubang/internal/passport"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/proposal"
	"daubang/internal/together"
	"daubang/internal/viet"
)

// proof is an organisation's passport in the demo.
type proof struct {
	organisation, head string
	paper              passport.PaperEntry
	endsIn             int // days from now; 0: the paper has no end
	details            passport.Details
	verified           bool
}

var passports = []proof{
	{
		organisation: "songmay", head: "lan", verified: true,
		paper: passport.PaperEntry{Kind: "tax", Number: "0100047516", IssuedOn: "20/04/2015", Issuer: "Chi cục Thuế"},
		details: passport.Details{
			Signatory: "Nguyễn Thị Lan", SignatoryTitle: "Giám đốc", SignatoryPaper: "15/QĐ-LHH ngày 12/03/2015",
			Bank: "Vietcombank Sở giao dịch", BankHolder: "Trung tâm Sông Mây", BankNumber: "0011 0043 21765",
		},
	},
	{
		organisation: "hoangmai", head: "dao", verified: true, endsIn: 25,
		paper:   passport.PaperEntry{Kind: "authorisation", Number: "07/GUQ-HPN", IssuedOn: "10/01/2026", Issuer: "Hội Liên hiệp Phụ nữ thành phố"},
		details: passport.Details{Signatory: "Đỗ Thị Đào", SignatoryTitle: "Chủ tịch Hội", SignatoryPaper: "07/GUQ-HPN ngày 10/01/2026"},
	},
	{
		organisation: "tre", head: "mai",
		paper:   passport.PaperEntry{Kind: "founding", Number: "31/QĐ-UBND", IssuedOn: "05/09/2024", Issuer: "Ủy ban nhân dân phường"},
		details: passport.Details{Signatory: "Hồ Ngọc Mai", SignatoryTitle: "Nhóm trưởng", Bank: "Agribank", BankHolder: "Hồ Ngọc Mai", BankNumber: "1500 2051 98333"},
	},
}

// prove has three organisations keep a passport: one that Hà verified, one of
// hers too that has a paper which ends soon, and one that waits for her.
func (c *cast) prove(ctx context.Context, tx pgx.Tx, now time.Time) error {
	for _, p := range passports {
		act, org := c.at(now, -190, p.head), c.organisations[p.organisation]
		if p.endsIn > 0 {
			p.paper.ExpiresOn = on(now.In(viet.Zone), p.endsIn)
		}
		if err := passport.SavePaper(ctx, tx, act, org, 0, p.paper); err != nil {
			return err
		}
		if err := passport.SaveDetails(ctx, tx, act, c.secret, org, p.details); err != nil {
			return err
		}
		if !p.verified {
			continue
		}
		act = c.at(now, -188, "ha")
		parts, err := passport.Parts(ctx, tx, people.ID(act.By), org)
		if err != nil {
			return err
		}
		for _, part := range parts {
			if err := passport.Check(ctx, tx, act, org, part.Part, part.Mark, passport.Verified, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// share has two organisations join Lan's draft, one of which has not answered
// yet, and gives a section of it to Hoa.
func (c *cast) share(ctx context.Context, tx pgx.Tx, now time.Time) error {
	act := c.at(now, -1, "lan")
	draft, err := pg.Value[proposal.ID](ctx, tx, `
		select id from visible.proposals($1) where call_id = $2 and view = 'applicant' and status = 'draft'`, act.By, c.calls["HN-BLG-27"])
	if err != nil {
		return fmt.Errorf("the draft to share: %w", err)
	}
	for _, with := range []together.Invitation{
		{Name: "Hội Phụ nữ phường", Email: "dao" + host, Role: together.Coordinate},
		{Name: "Nhóm Trẻ", Email: "mai" + host, Role: together.Technical},
	} {
		if err := together.Invite(ctx, tx, act, draft, with); err != nil {
			return err
		}
	}
	asked, err := together.Offers(ctx, tx, c.people["dao"], act.At)
	if err != nil || len(asked) != 1 {
		return fmt.Errorf("%d invitations to confirm, %w", len(asked), err)
	}
	_, token, err := together.OfferOf(ctx, tx, c.secret, asked[0].ID.String())
	if err != nil {
		return err
	}
	if _, err := together.Confirm(ctx, tx, c.at(now, 0, "dao"), c.secret, token, c.organisations["hoangmai"]); err != nil {
		return err
	}
	return together.Assign(ctx, tx, act, draft, "logframe", c.people["hoa"], viet.Day(now).AddDate(0, 0, 4))
}

// again has Đào complete what was returned to her and send it a second time, so
// that there are two versions to compare.
func (c *cast) again(ctx context.Context, tx pgx.Tx, now time.Time) error {
	act := c.at(now, -1, "dao")
	sent, err := pg.Value[proposal.ID](ctx, tx, `
		select id from visible.proposals($1) where call_id = $2 and view = 'applicant' and status = 'submitted'`, act.By, c.calls["HN-BLG-27"])
	if err != nil {
		return fmt.Errorf("the proposal to return: %w", err)
	}
	reasons := map[string]string{"monitoring": "Ghi rõ bao lâu đo một lần và ai đọc kết quả."}
	if err := proposal.Return(ctx, tx, c.at(now, -2, "ha"), sent, reasons, now.In(viet.Zone).AddDate(0, 0, 5)); err != nil {
		return err
	}
	sections, err := proposal.Sections(ctx, tx, people.ID(act.By), sent)
	if err != nil {
		return err
	}
	s := sections["monitoring"]
	said := s.Answers["monitoring"].Text + " Mỗi tháng một lần, Ban chủ nhiệm đọc sổ ghi ở từng khu và báo lại cho phường."
	if _, err := proposal.SaveSection(ctx, tx, act, sent, "monitoring", s.Version, form.Answers{"monitoring": {Text: said}, "reporter": s.Answers["reporter"]}, true); err != nil {
		return err
	}
	_, err = proposal.Submit(ctx, tx, act, sent)
	return err
}
